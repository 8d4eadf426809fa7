/** The few elements of SVG that the plots of a benchmark are drawn with. */

/** The surroundings of a plot, in user units. */
export interface Frame {
  readonly width: number;
  readonly height: number;
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
}

export interface Point {
  readonly x: number;
  readonly y: number;
}

/** Colours that people who see few colours tell apart (Okabe and Ito 2008), on white and on dark grey. */
export const COLOURS = ["#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9"] as const;

export function svgOf({ width, height }: Frame, elements: readonly string[]): string {
  const style = "text{font:12px sans-serif;fill:#333}line{stroke:#ccc}";
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" role="img">`,
    `<style>${style}</style>`,
    `<rect width="${width}" height="${height}" fill="#fff"/>`,
    ...elements,
    "</svg>",
    "",
  ].join("\n");
}

export function textAt(
  { x, y }: Point,
  words: string,
  anchor: "start" | "middle" | "end" = "start",
): string {
  return `<text x="${at(x)}" y="${at(y)}" text-anchor="${anchor}">${escaped(words)}</text>`;
}

export function lineBetween(from: Point, to: Point): string {
  return `<line x1="${at(from.x)}" y1="${at(from.y)}" x2="${at(to.x)}" y2="${at(to.y)}"/>`;
}

export function barFrom(
  { x, y }: Point,
  size: { readonly width: number; readonly height: number },
): string {
  const { width, height } = size;
  return `<rect x="${at(x)}" y="${at(y)}" width="${at(width)}" height="${at(height)}" fill="${COLOURS[0]}" fill-opacity="0.7"/>`;
}

export function dotAt({ x, y }: Point, colour: string): string {
  return `<circle cx="${at(x)}" cy="${at(y)}" r="3" fill="${colour}"/>`;
}

export function pathThrough(points: readonly Point[], colour: string): string {
  const list = points.map(({ x, y }) => `${at(x)},${at(y)}`).join(" ");
  return `<polyline points="${list}" fill="none" stroke="${colour}" stroke-width="2"/>`;
}

/** The smallest of 1, 2 and 5 times a power of ten that is not below `value`. */
export function roundUp(value: number): number {
  if (!(value > 0)) return 1;
  const power = 10 ** Math.floor(Math.log10(value));
  return power * ([1, 2, 5].find((factor) => factor * power >= value) ?? 10);
}

function at(coordinate: number): string {
  return `${Math.round(coordinate * 10) / 10}`;
}

function escaped(words: string): string {
  return words.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}
