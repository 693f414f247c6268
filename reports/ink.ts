import { styleText } from 'node:util'

/** Colour for a line of a report. Every line reads the same without it. */
export type Ink = (style: 'bold' | 'dim' | 'green' | 'red' | 'yellow', text: string) => string

export const plainInk: Ink = (_style, text) => text

/** Colour where stdout is a terminal that wants it. */
export const terminalInk: Ink = (style, text) => styleText(style, text, { stream: process.stdout })
