/** Which lines a panel has at a given size. Pure. */

export interface Layout {
  digits: 'small' | 'large'
  gapAfterHead: number
  gapAfterFigures: number
  /** Lines of each GPU's lane. */
  lane: number
  gapBetweenLanes: number
  gapAfterLanes: number
  /** Lines of the two charts, their headings not counted; 0 = no chart. */
  waitingChart: number
  readyChart: number
  gapAfterCharts: number
  /** Lines of the list of those who were followed, its heading counted; 0 = no list. */
  people: number
}

/** Head, two labels with 3 lines of digits and a line below, two GPUs of two lines each. */
const LEAST_LINES = 10
/** Two columns of figures, the second with somebody's minutes in big digits. */
export const LEAST_COLUMNS = 33
const LARGE_DIGITS_COLUMNS = 76

/** What comes with more room, the most wanted first: lines it takes and what it changes. */
const GROWTH: { lines: number; change: Partial<Layout>; columns?: number }[] = [
  { lines: 2, change: { waitingChart: 1 } },
  { lines: 2, change: { readyChart: 1 } },
  { lines: 1, change: { gapAfterFigures: 1 } },
  { lines: 1, change: { gapAfterLanes: 1 } },
  { lines: 1, change: { gapAfterHead: 1 } },
  { lines: 1, change: { waitingChart: 2 } },
  { lines: 1, change: { gapBetweenLanes: 1 } },
  { lines: 2, change: { digits: 'large' }, columns: LARGE_DIGITS_COLUMNS },
  { lines: 2, change: { lane: 2 } },
  { lines: 2, change: { waitingChart: 4 } },
  { lines: 5, change: { people: 4, gapAfterCharts: 1 } },
  { lines: 1, change: { readyChart: 2 } },
  { lines: 2, change: { lane: 3 } },
  { lines: 3, change: { people: 7 } },
]

export const leastLines = LEAST_LINES

/** The best layout for a panel, at least `leastLines` x `LEAST_COLUMNS`; the chart gets the
 *  rest. */
export function layoutOf(columns: number, lines: number): Layout {
  let layout: Layout = {
    digits: 'small',
    gapAfterHead: 0,
    gapAfterFigures: 0,
    lane: 1,
    gapBetweenLanes: 0,
    gapAfterLanes: 0,
    waitingChart: 0,
    readyChart: 0,
    gapAfterCharts: 0,
    people: 0,
  }
  let left = lines - LEAST_LINES
  for (const { lines: taken, change, columns: needed = 0 } of GROWTH) {
    if (columns < needed) continue
    if (taken > left) break
    left -= taken
    layout = { ...layout, ...change }
  }
  const rest = layout.waitingChart === 0 ? { gapAfterHead: left } : { waitingChart: layout.waitingChart + left }
  return { ...layout, ...rest }
}
