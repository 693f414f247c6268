import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { modelRun } from '#evidence/fixture'
import { junitXml } from './junit.ts'

const passed = modelRun().run

/** Throws where an XML parser would: bad characters, bad nesting, a bare `&` or `]]>`. */
function wellFormed(xml: string): void {
  if (!xml.isWellFormed()) throw new Error('a lone surrogate')
  const forbidden = /(?![\t\n\r\x85])[\p{Cc}\ufffe\uffff]/u.exec(xml)
  if (forbidden !== null) throw new Error(`character ${forbidden[0].codePointAt(0)}`)
  const open: string[] = []
  const rest = xml
    .replace(/^<\?xml [^?]*\?>/, '')
    .replace(/<!\[CDATA\[[\s\S]*?\]\]>/g, '')
    .replace(/<(\/?)([a-z]+)((?: [a-z]+="[^"<]*")*)(\/?)>/g, (_, end: string, name: string, _attributes: string, empty: string) => {
      if (end === '' && empty === '') open.push(name)
      else if (end !== '' && open.pop() !== name) throw new Error(`${name} ends`)
      return ''
    })
  if (open.length > 0) throw new Error(`${open.join(', ')} never end`)
  if (/[<>]/.test(rest)) throw new Error(`markup in ${rest}`)
  const bare = /&(?!#x?[\da-fA-F]+;|(?:amp|lt|gt|quot|apos);)/.exec(xml.replace(/<!\[CDATA\[[\s\S]*?\]\]>/g, ''))
  if (bare !== null) throw new Error('a bare &')
}

describe('verdicts', () => {
  test('passed, broken as it must: two cases without fault', () => {
    const xml = junitXml([passed])
    expect(xml).toMatch(
      /<testsuite name="made-up, seed 1" time="98" timestamp="2026-11-24T09:20:21.175Z" tests="2" failures="0" errors="0" skipped="0">/,
    )
    expect(xml).toMatch(/<testcase classname="made-up" name="control: prefetch 250" time="40"\/>/)
  })

  test('fail: a failure with its witnesses', () => {
    const xml = junitXml([modelRun({ claimPrefetch: 250 }).run])
    expect(xml).toMatch(/<failure message="wait-near-ideal: [^"]+" type="fail"><!\[CDATA\[\d+\.\d{3} s {2}worker-slow/)
  })

  test('unknown is an error with its reason, neither a pass nor skipped', () => {
    const xml = junitXml([modelRun({ foreignCpuPercent: 60 }).run])
    expect(xml).toMatch(
      /<error message="wait-near-ideal fails in this control, as it must, but that is not counted: too noisy to tell[^"]*" type="unknown"><!\[CDATA\[again: npm run scenario/,
    )
    expect(xml).toContain('skipped="0"')
    expect(xml).not.toContain('<skipped')
  })
})

describe('any text', () => {
  const nasty = [
    Array.from({ length: 32 }, (_, i) => String.fromCharCode(i)).join(''),
    ']]>',
    '😀',
    '\ud83d',
    '\ude00\ud83d',
    '\ufffe',
    '<a b="c">&amp;\'',
  ]
  const { run } = modelRun({ claimPrefetch: 250, prompts: 60 })
  const said = (text: string) => ({ code: 'said', values: { text } })
  const runWith = (text: string) => {
    const arms = run.arms.map(arm => ({ ...arm, name: text, why: said(text), verdict: 'fail' as const }))
    const [first] = arms
    const fault = { kind: 'fault' as const, atMs: 0, part: text, action: text }
    const check = {
      name: text,
      verdict: 'fail' as const,
      claim: text,
      breaches: [{ ...said(text), witnesses: [fault] }],
      found: 1,
      limits: [],
    }
    return {
      ...run,
      scenario: text,
      arms: [
        { ...first!, checks: [check] },
        { ...first!, verdict: 'unknown' as const },
      ],
    }
  }

  test.each(nasty)('%j', text => expect(() => wellFormed(junitXml([runWith(text)]))).not.toThrow())

  test('whatever it is', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), text => wellFormed(junitXml([runWith(text)]))),
      { numRuns: 60 },
    )
  })

  test('control characters stay to be seen', () => expect(junitXml([runWith('a\x1bb\x00')])).toContain('a␛b␀'))
})
