import { z } from 'zod'
import { Capability } from './ids.ts'

/** Types of settings, from a value or an environment word. Each says what it expects. */

export const flag = z
  .union([z.boolean(), z.enum(['true', 'false', '1', '0', 'yes', 'no'])], 'expected true or false')
  .transform(v => v === true || v === 'true' || v === '1' || v === 'yes')
export const whole = (min: number, max: number, expected = `expected a whole number from ${min} to ${max}`) =>
  z.coerce.number(expected).int(expected).min(min, expected).max(max, expected)
export const number = (min: number, max: number, expected = `expected a number from ${min} to ${max}`) =>
  z.coerce.number(expected).min(min, expected).max(max, expected)
export const oneOf = <const T extends readonly [string, ...string[]]>(...options: T) => z.enum(options, `expected ${options.join(' or ')}`)
export const name = z.string('expected a name').min(1, 'expected a name')
export const list = <T extends z.ZodType<string, string>>(item: T, expected: string) =>
  z.union(
    [
      z.array(item),
      z
        .string()
        .transform(s =>
          s
            .split(',')
            .map(x => x.trim())
            .filter(x => x !== ''),
        )
        .pipe(z.array(item)),
    ],
    expected,
  )

const CAPABILITIES = 'expected lower-case words joined by dots, such as chat or chat.14b, comma separated'
export const capabilities = list(Capability, CAPABILITIES)
export const text = (max: number, expected = `expected text of up to ${max} characters`) => z.string(expected).max(max, expected)
