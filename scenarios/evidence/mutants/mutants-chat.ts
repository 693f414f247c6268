import type { EventOf } from '../history.ts'
import { choose, inserted, is, type Mutation, plain, replaced, without } from './mutation.ts'

/** Ways of breaking what people see of a chat. */
export const CHAT_MUTATIONS: readonly Mutation[] = [
  {
    name: 'drop a shown message',
    caughtBy: 'lost',
    mutate(history, seed) {
      const at = choose(history, seed, is('shown'), plain)
      return at && without(history, at.index)
    },
  },
  {
    name: 'show a message twice',
    caughtBy: 'duplicate',
    mutate(history, seed) {
      const at = choose(history, seed, is('shown'), plain)
      return at && inserted(history, at.index + 1, at.event)
    },
  },
  {
    name: 'swap two neighbours of a view',
    caughtBy: 'order',
    mutate(history, seed) {
      const follows = (event: EventOf<'shown'>) =>
        history.events.some(
          e => e.kind === 'shown' && e.device === event.device && e.conversation === event.conversation && e.seq === event.seq + 1,
        )
      const at = choose(history, seed, is('shown'), follows)
      if (at === null) return null
      const { device, conversation, seq } = at.event
      const next = history.events.findIndex(
        e => e.kind === 'shown' && e.device === device && e.conversation === conversation && e.seq === seq + 1,
      )
      const later = history.events[next]
      return later === undefined ? null : history.events.map((e, i) => (i === at.index ? later : i === next ? at.event : e))
    },
  },
  {
    name: 'show a message to a stranger',
    caughtBy: 'wrong-addressee',
    mutate(history, seed) {
      const at = choose(history, seed, is('shown'))
      if (at === null) return null
      const stranger = history.events.find(
        e => e.kind === 'shown' && e.user !== at.event.user && e.user !== at.event.sender && e.user !== at.event.to,
      )
      return stranger?.kind === 'shown' ? replaced(history, at.index, { ...at.event, user: stranger.user, device: stranger.device }) : null
    },
  },
  {
    name: 'invent a message',
    caughtBy: 'phantom',
    mutate(history, seed) {
      const at = choose(history, seed, is('shown'), plain)
      return at && inserted(history, at.index, { ...at.event, clientMessageId: `invented-${seed}` })
    },
  },
  {
    name: 'cut the end off a view',
    caughtBy: 'lost',
    mutate(history, seed) {
      const at = choose(history, seed, is('shown'), plain)
      return at && history.events.filter((e, i) => !(i >= at.index && e.kind === 'shown' && e.device === at.event.device))
    },
  },
  {
    name: 'two rows at one seq',
    caughtBy: 'sequence',
    mutate(history, seed) {
      const at = choose(history, seed, is('message-row'))
      return at && inserted(history, at.index, { ...at.event, clientMessageId: `other-${seed}` })
    },
  },
  {
    name: 'a hole in the stored sequence',
    caughtBy: 'sequence',
    mutate(history, seed) {
      const heads = new Map<string, number>()
      for (const e of history.events)
        if (e.kind === 'message-row') heads.set(e.conversation, Math.max(e.seq, heads.get(e.conversation) ?? 0))
      const at = choose(history, seed, is('message-row'), e => e.seq < (heads.get(e.conversation) ?? 0))
      return at && without(history, at.index)
    },
  },
  {
    name: 'stored was told, and the row of that message is missing',
    caughtBy: 'sequence',
    mutate(history, seed) {
      const rows = history.events.filter(is('message-row'))
      const newest = (told: EventOf<'stored'>) => !rows.some(e => e.conversation === told.conversation && e.seq > told.seq)
      const at = choose(history, seed, is('stored'), newest)
      const { conversation, seq } = at?.event ?? {}
      // Nobody has seen it yet: the sender's word is all there is.
      return (
        at &&
        history.events.filter(e => !((e.kind === 'message-row' || e.kind === 'shown') && e.conversation === conversation && e.seq === seq))
      )
    },
  },
  {
    name: 'a row that differs from what was shown',
    caughtBy: 'sequence',
    mutate(history, seed) {
      const at = choose(history, seed, is('message-row'))
      return at && replaced(history, at.index, { ...at.event, clientMessageId: `other-${seed}` })
    },
  },
  {
    name: 'an answer shown in the place of another message',
    caughtBy: 'sequence',
    mutate(history, seed) {
      const at = choose(history, seed, is('shown'), e => e.sender === history.robot && e.seq > 1)
      return at && replaced(history, at.index, { ...at.event, seq: at.event.seq - 1 })
    },
  },
  {
    name: 'a message that comes late to who is online',
    caughtBy: 'delivered-promptly',
    mutate(history, seed) {
      const at = choose(history, seed, is('shown'), plain)
      return at && replaced(history, at.index, { ...at.event, atMs: at.event.atMs + 900 })
    },
  },
]
