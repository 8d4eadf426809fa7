/** Default folders of the commands, relative to the working directory. */

/** A development network, and the files that its clients need. */
export const NETWORK_FOLDER = ".countersign";
/** The user's wallet keys. */
export const WALLETS_FOLDER = ".countersign-wallets";
