const CHARACTERS = /^[A-Za-z0-9+/]*={0,2}$/;
/** The last character before the padding carries bits that encode nothing; they are zero in the one form. */
const SPARE_BITS = /[^AQgw]==$|[^=AEIMQUYcgkosw048]=$/;
/** True if decoding `text` and encoding the bytes again gives `text`. */
export function isBase64(text) {
    return text.length % 4 === 0 && CHARACTERS.test(text) && !SPARE_BITS.test(text);
}
/** The bytes of `text`, for which `isBase64` holds. */
export function fromBase64(text) {
    const binary = atob(text);
    const bytes = new Uint8Array(binary.length);
    for (let i = 0; i < binary.length; i++)
        bytes[i] = binary.charCodeAt(i);
    return bytes;
}
