/** Makes text from outside safe to show: no character of it steers a terminal, begins a line or reorders one. */
/** Letters, marks, digits, punctuation, symbols and the plain space; no control, format or other separator character. */
const UNPRINTABLE = /[^\x20-\x7e\p{L}\p{M}\p{N}\p{P}\p{S}]/gu;
/** `text` with each character that is not printable written as \u{…}. */
export function printable(text) {
    return text.replace(UNPRINTABLE, escapeOf);
}
/** `json`, a JSON text on one line, with each such character written as a JSON escape: programs read the same value. */
export function printableJson(json) {
    return json.replace(UNPRINTABLE, (character) => {
        // A character beyond 16 bits is two escapes.
        return character
            .split("")
            .map((unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`)
            .join("");
    });
}
function escapeOf(character) {
    return `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`;
}
