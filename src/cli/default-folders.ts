/** Folders that commands take when none is named, in the folder in which they run. */

/** Of a development network, and of what clients need of one. */
export const NETWORK_FOLDER = ".countersign";
/** Of a person's wallet keys. */
export const WALLETS_FOLDER = ".countersign-wallets";
