/** k6's are those of the web. */
export const { setTimeout, clearTimeout, setInterval, clearInterval } = globalThis
