import { expect, test } from 'vitest'
import { NoiseMeter } from './noise.ts'

test('CPU of other processes is what neither the lab nor this process used', async () => {
  const loads = [
    { capacityMs: 0, busyMs: 0, ownMs: 0 },
    { capacityMs: 2_000, busyMs: 1_500, ownMs: 500 },
    { capacityMs: 4_000, busyMs: 1_700, ownMs: 720 },
  ]
  const meter = new NoiseMeter({ machineLoad: async () => loads.shift()! })
  for (let look = 0; look < 3; look++) await meter.look()
  expect(meter.foreignCpuPercent).toEqual([50, 0])
})
