import type { ServerResponse } from 'node:http'

/** An answer's way to its client: whole lines, or a number of bytes at a time. */
export class Wire {
  readonly #res: ServerResponse
  readonly #dripBytes: number | undefined
  #rest = Buffer.alloc(0)
  #turn: NodeJS.Immediate | undefined
  #whenSent: (() => void) | undefined

  constructor(res: ServerResponse, dripBytes?: number) {
    this.#res = res
    this.#dripBytes = dripBytes
    if (dripBytes !== undefined) res.socket?.setNoDelay(true)
  }

  get begun(): boolean {
    return this.#res.headersSent
  }

  type(contentType: string): void {
    if (!this.#res.headersSent) this.#res.setHeader('content-type', contentType)
  }

  status(status: number): void {
    this.#res.statusCode = status
  }

  write(text: string): void {
    if (this.#dripBytes === undefined) this.#res.write(text)
    else {
      this.#rest = Buffer.concat([this.#rest, Buffer.from(text)])
      this.#drip()
    }
  }

  /** Ends the answer behind what was written. */
  end(text = ''): void {
    if (this.#dripBytes === undefined) this.#res.end(text)
    else {
      this.write(text)
      this.#afterSent(() => this.#res.end())
    }
  }

  /** Cuts the connection after the written bytes: an immediate destroy may lose the headers. */
  cut(): void {
    const destroy = () => (this.#res.headersSent ? this.#res.write('\n', () => this.#res.destroy()) : this.#res.destroy())
    this.#afterSent(destroy)
  }

  #afterSent(then: () => void): void {
    if (this.#rest.length === 0) then()
    else this.#whenSent = then
  }

  /** A turn of the event loop between two pieces: each is a packet of its own. */
  #drip(): void {
    if (this.#turn !== undefined || this.#rest.length === 0) return
    this.#turn = setImmediate(() => {
      this.#turn = undefined
      if (this.#res.destroyed) return
      this.#res.write(this.#rest.subarray(0, this.#dripBytes))
      this.#rest = this.#rest.subarray(this.#dripBytes ?? 1)
      if (this.#rest.length === 0) this.#whenSent?.()
      this.#drip()
    })
  }
}
