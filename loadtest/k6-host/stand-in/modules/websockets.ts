/** k6's follows the web's standard, as Node's does. */
export const { WebSocket } = globalThis
