/** A node whose batches have this many messages is busy: what may wait goes out together. */
export const BUSY_MESSAGES = 16
