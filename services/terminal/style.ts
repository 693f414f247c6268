import { styleText } from 'node:util'

/** Emphasis only: every line reads the same without it. */
export interface Style {
  /** The user's own name. */
  own(text: string): string
  other(text: string): string
  robot(text: string): string
  /** Status and times. */
  faint(text: string): string
  warning(text: string): string
}

const same = (text: string) => text
export const PLAIN: Style = { own: same, other: same, robot: same, faint: same, warning: same }

const styled = (format: Parameters<typeof styleText>[0]) => (text: string) => styleText(format, text, { validateStream: false })
export const COLOUR: Style = {
  own: styled('cyan'),
  other: styled(['bold', 'green']),
  robot: styled(['bold', 'magenta']),
  faint: styled('gray'),
  warning: styled('yellow'),
}
