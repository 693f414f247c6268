import type { PartJudged, PeersDocument } from '#evidence/peers-document'
import { junitOf } from '../junit.ts'
import { goalWords, metWords, partWords, ratioWords, targetWords, verdictWords } from './words.ts'

/** A comparison with peers for CI: a case per gate. Pure. */
export function peersJunit(run: PeersDocument): string {
  const verdictOf = ({ met }: PartJudged): PeersDocument['verdict'] => (met === null ? 'unknown' : met ? 'pass' : 'fail')
  const cases = run.targets.flatMap(target =>
    target.parts
      .filter(({ gate }) => gate)
      .map(part => ({
        name: `${part.id} ${targetWords(target)}: ${partWords(part)}`,
        verdict: verdictOf(part),
        detail: `${ratioWords(part)}, target ${goalWords(part)}: ${metWords(part)}`,
      })),
  )
  const whole = { name: 'the run as a whole', verdict: run.verdict, detail: verdictWords(run) }
  const { broker = '', database = '', lab = '', node = '' } = run.versions
  return junitOf('Prefetch Lab load tests', [
    { run: { ...run, versions: { broker, database, lab, node } }, name: 'load peers', cases: [whole, ...cases] },
  ])
}
