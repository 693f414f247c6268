import type { EventOf, HistoryEvent } from '../history.ts'
import { added, changed, dropped, is, lostWith, type Mutation, mutant, plain, swapped } from './mutation.ts'

const follows = (event: EventOf<'shown'>) => (e: HistoryEvent) =>
  e.kind === 'shown' && e.device === event.device && e.conversation === event.conversation && e.seq === event.seq + 1

/** Ways of breaking what people see of a chat. */
export const CHAT_MUTATIONS: readonly Mutation[] = [
  mutant('drop a shown message', 'lost', 'shown', dropped, plain),
  mutant('show a message twice', 'duplicate', 'shown', added(), plain),
  mutant(
    'swap two neighbours of a view',
    'order',
    'shown',
    at => swapped(at, follows(at.event)),
    (event, { events }) => events.some(follows(event)),
  ),
  mutant('show a message to a stranger', 'wrong-addressee', 'shown', at => {
    const { user, sender, to } = at.event
    const stranger = at.history.events.filter(is('shown')).find(e => ![user, sender, to].includes(e.user))
    return stranger === undefined ? null : changed<'shown'>(() => ({ user: stranger.user, device: stranger.device }))(at)
  }),
  mutant(
    'invent a message',
    'phantom',
    'shown',
    added((_, seed) => ({ clientMessageId: `invented-${seed}` })),
    plain,
  ),
  mutant(
    'cut the end off a view',
    'lost',
    'shown',
    ({ history, event, index }) => history.events.filter((e, i) => !(i >= index && e.kind === 'shown' && e.device === event.device)),
    plain,
  ),
  mutant(
    'two rows at one seq',
    'sequence',
    'message-row',
    added((_, seed) => ({ clientMessageId: `other-${seed}` })),
  ),
  mutant('a hole in the stored sequence', 'sequence', 'message-row', dropped, (row, { events }) =>
    events.some(e => e.kind === 'message-row' && e.conversation === row.conversation && e.seq > row.seq),
  ),
  // Nobody has seen it yet: the sender's word is all there is.
  mutant(
    'a stored message has no row',
    'sequence',
    'stored',
    lostWith((e, at) => (e.kind === 'message-row' || e.kind === 'shown') && e.conversation === at.conversation && e.seq === at.seq),
    (told, { events }) => !events.some(e => e.kind === 'message-row' && e.conversation === told.conversation && e.seq > told.seq),
  ),
  mutant(
    'a row that differs from what was shown',
    'sequence',
    'message-row',
    changed((_, seed) => ({ clientMessageId: `other-${seed}` })),
  ),
  mutant(
    'an answer shown in the place of another message',
    'sequence',
    'shown',
    changed(({ seq }) => ({ seq: seq - 1 })),
    (e, { robot }) => e.sender === robot && e.seq > 1,
  ),
  mutant(
    'a message that comes late to who is online',
    'delivered-promptly',
    'shown',
    changed(({ atMs }) => ({ atMs: atMs + 900 })),
    plain,
  ),
]
