import { createServer, type Server } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { type WebSocket, WebSocketServer } from 'ws'
import { ClientFrame, type MessageFrame, type ServerFrame } from '#contracts/frames'
import { conversationId } from '#contracts/ids'
import { type FakeStore, ROBOT } from './store.ts'

/** The fate of a live frame. Answers to a resume always pass: the store is the truth. */
type Fate = 'deliver' | 'drop' | 'twice' | 'hold'

type Script = (frame: ClientFrame, peer: Peer, node: FakeNode) => boolean

/** A script that takes over the frames of one type. */
export function on<T extends ClientFrame['type']>(
  type: T,
  react: (frame: Extract<ClientFrame, { type: T }>, peer: Peer, node: FakeNode) => void,
): Script {
  return (frame, peer, node) => {
    if (frame.type !== type) return false
    react(frame as Extract<ClientFrame, { type: T }>, peer, node)
    return true
  }
}

export interface Peer {
  user: string
  socket: WebSocket
  send(frame: ServerFrame): void
}

/** A scripted IM node for tests: real sockets, a shared store, each reaction replaceable. */
export class FakeNode implements AsyncDisposable {
  readonly name: string
  readonly store: FakeStore
  readonly received: ClientFrame[] = []
  readonly peers = new Set<Peer>()
  logins = 0
  /** Messages per page of a resume. */
  page = 3
  sequenced = true
  /** Fate of each live `message` frame. */
  fate: (frame: MessageFrame) => Fate = () => 'deliver'
  /** Takes a frame over: true = the node does nothing of its own. */
  script: Script = () => false
  loginStatus = 200
  readonly #server: Server
  readonly #sockets = new Set<Socket>()
  readonly #others: FakeNode[]
  readonly #held: (() => void)[] = []

  static async start(name: string, store: FakeStore, others: FakeNode[] = [], port = 0): Promise<FakeNode> {
    const node = new FakeNode(name, store, others)
    others.push(node)
    await new Promise<void>((resolve, reject) => node.#server.once('error', reject).listen(port, '127.0.0.1', resolve))
    return node
  }

  private constructor(name: string, store: FakeStore, others: FakeNode[]) {
    this.name = name
    this.store = store
    this.#others = others
    this.#server = createServer((request, response) => {
      response.setHeader('content-type', 'application/json')
      if (request.url === '/login') {
        this.logins += 1
        response.statusCode = this.loginStatus
        const error = { error: { code: 'UNAUTHENTICATED', detail: 'no' } }
        let body = ''
        request.on('data', part => {
          body += part
        })
        request.on('end', () => {
          const { user } = JSON.parse(body) as { user: string }
          response.end(
            JSON.stringify(this.loginStatus === 200 ? { token: `${user}.${this.logins}`, expiresAt: '2099-01-01T00:00:00Z' } : error),
          )
        })
      } else {
        const url = new URL(request.url ?? '', 'http://fake')
        const user = (request.headers.authorization ?? '').replace('Bearer ', '').split('.')[0] ?? ''
        const conversation = conversationId(user, url.searchParams.get('with') ?? '')
        const messages = this.store.messages.get(conversation) ?? []
        response.end(JSON.stringify({ conversation, headSeq: messages.length, messages }))
      }
    })
    this.#server.on('connection', socket => {
      this.#sockets.add(socket)
      socket.on('close', () => this.#sockets.delete(socket))
    })
    new WebSocketServer({ server: this.#server, path: '/chat' }).on('connection', socket => this.#accept(socket))
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`
  }
  get port(): number {
    return (this.#server.address() as AddressInfo).port
  }

  /** Frames of one type that clients sent. */
  got<T extends ClientFrame['type']>(type: T): Extract<ClientFrame, { type: T }>[] {
    return this.received.filter(frame => frame.type === type) as Extract<ClientFrame, { type: T }>[]
  }

  /** To all devices of both members, on every node. */
  publish(message: MessageFrame): void {
    for (const node of this.#others)
      for (const peer of node.peers) if (peer.user === message.sender || peer.user === message.to) node.#live(message, peer)
  }

  /** To everybody here. */
  broadcast(frame: ServerFrame): void {
    for (const peer of this.peers) peer.send(frame)
  }

  /** Lets what was held go, latest first. */
  release(): void {
    for (const send of this.#held.splice(0).reverse()) send()
  }

  closeAll(code: number, reason = ''): void {
    for (const { socket } of this.peers) socket.close(code, reason)
  }

  /** As `kill -9`: no goodbye, and nobody listens any more. */
  async [Symbol.asyncDispose](): Promise<void> {
    const index = this.#others.indexOf(this)
    if (index >= 0) this.#others.splice(index, 1)
    const closed = new Promise(resolve => this.#server.close(resolve))
    for (const socket of this.#sockets) socket.resetAndDestroy()
    await closed
  }

  #live(message: MessageFrame, peer: Peer): void {
    const fate = this.fate(message)
    const send = () => peer.send(message)
    if (fate === 'hold') this.#held.push(send)
    else if (fate !== 'drop') {
      send()
      if (fate === 'twice') send()
    }
  }

  #accept(socket: WebSocket): void {
    const peer: Peer = { user: '', socket, send: frame => socket.readyState === socket.OPEN && socket.send(JSON.stringify(frame)) }
    socket.on('close', () => this.peers.delete(peer))
    socket.on('message', raw => {
      const frame = ClientFrame.parse(JSON.parse(String(raw)))
      this.received.push(frame)
      if (!this.script(frame, peer, this)) this.#react(frame, peer)
    })
  }

  #react(frame: ClientFrame, peer: Peer): void {
    if (frame.type === 'auth') {
      peer.user = frame.token.split('.')[0] ?? ''
      this.peers.add(peer)
      peer.send({ type: 'ready', version: 1, user: peer.user, node: this.name, robot: ROBOT, sequenced: this.sequenced })
    } else if (frame.type === 'send') {
      const { message, task } = this.store.save(peer.user, frame)
      const { clientMessageId, conversation, seq } = message
      this.publish(message)
      peer.send({ type: 'stored', clientMessageId, conversation, seq, ...(task === undefined ? {} : { task }) })
    } else if (frame.type === 'resume') {
      for (const [conversation, messages] of this.store.of(peer.user)) {
        if (frame.only !== undefined && frame.only !== conversation) continue
        const after = frame.cursors[conversation] ?? 0
        const page = messages.slice(after, after + this.page)
        for (const message of page) peer.send(message)
        const last = after + page.length
        if (last < messages.length) peer.send({ type: 'gap', conversation, afterSeq: last, headSeq: messages.length })
      }
      peer.send({ type: 'head', heads: this.store.heads(peer.user) })
    } else if (frame.type === 'cancel') {
      peer.send({ type: 'refused', ref: frame.task, code: 'CANCELLED', retryable: false, detail: 'cancelled' })
    }
  }
}
