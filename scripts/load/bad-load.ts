/** A load that cannot be asked for. */
export class BadLoad extends Error {
  readonly code = 'BAD_LOAD'
}
