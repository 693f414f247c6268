import { createHash } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { modelRun } from '#evidence/fixture'
import { runHtml } from './page.ts'

const { run, histories } = modelRun()
const page = runHtml(run, histories)

describe('the page stands alone', () => {
  test('no script, no address to load from, no inline style or handler', () => {
    expect(page).not.toMatch(/<script|\son[a-z]+=|\sstyle=|javascript:|@import|https?:\/\//i)
    expect(page.match(/(?:src|href)="(?!#)/g)).toBeNull()
  })

  test('its policy allows its own style and nothing else', () => {
    const [, css = ''] = /<style>([\s\S]*?)<\/style>/.exec(page) ?? []
    const hash = createHash('sha256').update(css).digest('base64')
    expect(page).toContain(`content="default-src 'none'; style-src 'sha256-${hash}'; base-uri 'none'; form-action 'none'"`)
  })

  test('the same run gives the same page', () => expect(runHtml(run, histories)).toBe(page))
})

describe('its order and parts', () => {
  test('verdict, picture, claims, wait, autoscaler, controls, settings, limits, replay', () => {
    const headings = [...page.matchAll(/<h2 id="([a-z]+)"/g)].map(match => match[1])
    expect(headings).toEqual(['picture', 'claims', 'wait', 'autoscaler', 'controls', 'settings', 'limits', 'replay'])
    expect(page.indexOf('PASS</p>')).toBeLessThan(page.indexOf('<h2'))
  })

  test('every link on the page leads somewhere, and ids are unique', () => {
    const ids = [...page.matchAll(/ id="([^"]+)"/g)].map(match => match[1])
    expect(new Set(ids).size).toBe(ids.length)
    for (const [, target] of page.matchAll(/href="#([^"]+)"/g)) expect(ids).toContain(target)
  })

  test('every chart says in a sentence what it shows', () => {
    const labels = [...page.matchAll(/<svg class="(?:chart|plot slim)" role="img" aria-label="([^"]*)"/g)].map(match => match[1] ?? '')
    expect(labels.length).toBeGreaterThanOrEqual(4)
    expect(labels[1]).toMatch(
      /prefetch 250: up to \d+ people waited while the broker counted up to 0 messages ready; worker-fast ran \d+, worker-slow ran \d+ inferences\. user-\d+ waited/,
    )
  })

  test('measured, ideal, predicted and limit of each arm in a table', () => {
    expect(page).toMatch(
      /<th scope="row">B<\/th><td class="num">[\d.]+ s <span class="below">[\d.]+ s of GPU time<\/span><\/td><td class="num">\d+ ms<\/td><td class="num">[\d.]+ s <span class="below">/,
    )
    expect(page).toContain('wait-near-ideal: fail')
  })

  test('a long warm-up does not make it a page about deliveries', () => {
    const warmed = new Map(
      [...histories].map(([name, events]) => {
        const sends = events.filter(({ kind }) => kind === 'send')
        const before = [...sends, ...sends].map((event, i) => ({ ...event, atMs: -1_000, clientMessageId: `warm-up ${i}` }))
        return [name, [...before, ...events]] as const
      }),
    )
    expect(runHtml(run, warmed)).toContain('Each lane is a GPU over time.')
  })

  test('a failure stands before the picture, with witnesses', () => {
    const failed = modelRun({ claimPrefetch: 250 })
    const other = runHtml(failed.run, failed.histories)
    expect(other).toMatch(/<h2 id="trouble">[\s\S]*worker-slow asked its GPU for task[\s\S]*<h2 id="picture">/)
    expect(other).toContain('FAIL</p>')
    const [, box = ''] = /<div class="verdict fail">([\s\S]*?)<\/div><\/div>/.exec(other) ?? []
    expect(box).toMatch(/A small prefetch: wait-near-ideal: p95 wait [\d.]+ s, limit \d+ ms/)
    expect(box).not.toContain('times as long')
  })
})

describe('where the wait went', () => {
  const wait = (of: string) => of.slice(of.indexOf('<h2 id="wait"'), of.indexOf('<h2 id="autoscaler"'))
  /** As if the last prompts of the second arm had never been begun. */
  const losing = (kept: number) => {
    const events = histories.get('prefetch 250') ?? []
    const begun = new Set(events.flatMap(event => (event.kind === 'inference' ? [event.task] : [])).slice(0, kept))
    return new Map([...histories, ['prefetch 250', events.filter(event => event.kind !== 'inference' || begun.has(event.task))]])
  }

  test('an arm that lost prompts says how many its bars are of, and that they are survivors', () => {
    expect(wait(page)).not.toContain('were never begun')
    expect(wait(page)).not.toContain('held back')
    const some = wait(runHtml(run, losing(7)))
    expect(some).toContain('prefetch 250: 193 of 200 prompts were never begun; its bars are of the 7 that were.')
    expect(some).toContain('<td>7 of 200</td>')
    expect(some).toContain('prefetch 250: 7 of 200 prompts')
    expect(wait(runHtml(run, losing(0)))).toContain('prefetch 250: 200 of 200 prompts were never begun; it has no bars.')
  })

  test('held back is a place of its own', () => {
    const seen = { part: 'im-a', setting: 'conversationInOrder', expected: 'true', seen: 'true' }
    // All in one conversation, one after the other.
    const inARow = (histories.get('small prefetch') ?? []).map((event, seq) =>
      event.kind === 'stored' ? { ...event, conversation: 'one', seq } : event,
    )
    const whole = runHtml(run, new Map([...histories, ['small prefetch', [{ kind: 'setting', atMs: 0, ...seen }, ...inARow]]]))
    const held = wait(whole)
    expect(whole).toContain('or in the outbox, held back')
    expect(held).toMatch(/<th[^>]*>held back in the outbox<\/th>/)
    expect(held).toContain('var(--w1)')
    expect(held).toContain('is in no queue yet')
  })
})

describe('what an autoscaler sees', () => {
  const seen = (of: string) => of.slice(of.indexOf('<h2 id="autoscaler"'), of.indexOf('<h2 id="controls"'))

  test('of hoarded tasks it sees none over amqp and all over http, where a new replica finds nothing', () => {
    const [, waiting] = /aria-label="prefetch 250: up to (\d+) people waited; KEDA would/.exec(seen(page)) ?? []
    expect(Number(waiting)).toBeGreaterThan(20)
    expect(seen(page)).toMatch(/prefetch 250: .* up to 0 replicas over amqp and up to [2-9] over http, where 2 workers were/)
    expect(seen(page)).toMatch(
      /<th scope="row">B<\/th><td[^>]*>2<\/td><td[^>]*>\d+<\/td><td[^>]*>0<\/td><td[^>]*>\d<\/td><td[^>]*>0 of \d+</,
    )
  })

  test('another value a replica gives other replicas, and stands there', () => {
    const asked = (of: string) => Number(/prefetch 250: .* up to 0 replicas over amqp and up to (\d+) over http/.exec(of)?.[1])
    const other = seen(runHtml(run, histories, { value: 5, pollingMs: 30_000 }))
    expect(asked(other)).toBeGreaterThan(2 * asked(seen(page)))
    expect(other).toContain('with 5 messages a replica and a look every 30 s. Over')
    expect(seen(page)).toContain('with 20 messages a replica and a look every 30 s, its defaults')
  })

  test('without a backlog it has no such section', () => {
    const idle = new Map([...histories].map(([name, events]) => [name, events.filter(({ kind }) => kind !== 'queue')]))
    expect(runHtml(run, idle)).not.toContain('id="autoscaler"')
  })
})

test('a control is one mistake, not one setting', () => {
  expect(page).toContain('A control is one mistake, of one setting or of several')
})

test('names are text, whatever they hold', () => {
  const name = '<img src=x onerror=alert(1)>\x1b"\ud800'
  const arms = run.arms.map(arm => ({ ...arm, name }))
  const nasty = runHtml({ ...run, scenario: name, claim: name, arms }, new Map([[name, histories.get('prefetch 250') ?? []]]))
  expect(nasty).not.toContain('<img')
  expect(nasty).toContain('&lt;img src=x onerror=alert(1)&gt;␛&quot;\ufffd')
})

test('an arm of thousands of inferences has at most 1,500 marks, in a page of moderate size', () => {
  const big = modelRun({ prompts: 3_000 })
  const large = runHtml(big.run, big.histories)
  const pictures = large.slice(large.indexOf('id="picture"'), large.indexOf('id="claims"')).split('<figure').slice(1)
  expect(pictures).toHaveLength(2)
  for (const picture of pictures) {
    const bars = [...picture.matchAll(/class="w\d" d="([^"]*)"/g)].reduce((sum, match) => sum + (match[1]?.match(/M/g)?.length ?? 0), 0)
    const rects = picture.match(/<rect /g)?.length ?? 0
    expect(bars + rects).toBeLessThanOrEqual(1_500)
    expect(bars).toBeGreaterThan(100)
  }
  expect(large.length).toBeLessThan(400_000)
})

test('nothing was recorded: a page all the same', () => {
  const empty = runHtml({ ...run, arms: run.arms.map(arm => ({ ...arm, measures: {}, predicted: {}, checks: [] })) }, new Map())
  expect(empty).toContain('<h2 id="replay">')
  expect(empty).not.toContain('NaN')
})

test('without prompts the picture is of deliveries', () => {
  const from = { user: 'ann', device: 'ann.1', clientMessageId: 'a' }
  const shown = { conversation: 'ann~bob', seq: 1, sender: 'ann', to: 'bob', clientMessageId: 'a' }
  const chat = runHtml(
    run,
    new Map([
      [
        'small prefetch',
        [
          { kind: 'online', atMs: 0, user: 'bob', device: 'bob.1', node: 'im-b' },
          { kind: 'send', atMs: 1, ...from, to: 'bob' },
          { kind: 'shown', atMs: 9, user: 'bob', device: 'bob.1', ...shown },
        ],
      ],
    ]),
  )
  expect(chat).toContain('small prefetch: of 1 deliveries to 1 devices, 0 never came')
  expect(chat).not.toContain('href="#wait"')
})
