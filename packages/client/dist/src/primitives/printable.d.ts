/** Makes text from outside safe to show: no character of it steers a terminal, begins a line or reorders one. */
/** `text` with each character that is not printable written as \u{…}. */
export declare function printable(text: string): string;
/** `json`, a JSON text on one line, with each such character written as a JSON escape: programs read the same value. */
export declare function printableJson(json: string): string;
