import { z } from 'zod'
import { Capability } from './ids.ts'

export interface Setting<T extends z.ZodType> {
  schema: T
  /** What it does; unit and meaning of 0 where there is one. */
  about: string
  sound: z.input<T>
  /** Only where the article's design differs. */
  article?: z.input<T>
  /** All IM nodes and workers must have one value: they declare the same queue by it, or read what the other wrote. */
  shared?: true
}
export function setting<T extends z.ZodType>(schema: T, about: string, sound: z.input<T>, article?: z.input<T>): Setting<T> {
  return article === undefined ? { schema, about, sound } : { schema, about, sound, article }
}

/** A setting that no two parts may have differently. */
export function shared<T extends z.ZodType>(spec: Setting<T>): Setting<T> {
  return { ...spec, shared: true }
}

/** What values settings have, given as they are or as a word of an environment variable. Each says what it expects when it gets something else. */

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
