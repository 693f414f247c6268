import { asDocumented, rightWayHolds } from '#checks/sentences'
import { SENTENCES, scenario } from '#experiment'

/** Fifteen sentences about work queues, each tried as people believe it and the right way. */

export default scenario<{ believed: boolean }>('sentences', {
  claim:
    'Of fifteen sentences that one reads about work queues fourteen do not hold, and one holds on RabbitMQ up to 4.2 only; the right way does what each of them promises.',
  sizes: { quick: { believed: false }, full: { believed: false } },
  plan: {
    imNodes: [],
    gpus: [{ name: 'gpu-fast', profile: 'rtx-4090' }],
    workers: [],
    settings: { timeScale: 20 },
  },
  controls: [
    {
      name: 'every sentence believed',
      with: { believed: true },
      breaks: 'as-documented',
      because: 'none of them holds on every version',
    },
  ],
  async run({ plain }, { believed }) {
    const generation = await plain.generation()
    for (const sentence of SENTENCES) {
      if (sentence.restartsBroker === true && !plain.ownsBroker) {
        plain.record({ kind: 'left-out', what: sentence.id, code: 'BROKER_RESTART' })
        continue
      }
      for (const way of ['believed', 'right'] as const) {
        await using desk = plain.desk(`${sentence.id}.${way}`)
        const { holds, seen } = await sentence[way](desk)
        const expected = way === 'right' || believed || (sentence.heldBy?.includes(generation) ?? false)
        plain.record({ kind: 'tried', sentence: sentence.id, way, holds, expected, seen })
      }
    }
    plain.over()
  },
  checks: [asDocumented, rightWayHolds],
})
