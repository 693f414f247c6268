/** What a panel on a canvas says; a page in another language has its own. */
export interface PanelWords {
  ready: string
  asDashboards: string
  held: string
  wait(people: number): string
  nobody: string
  over(wait: string): string
  waited(name: string): string
  waits(name: string): string
  overtaken(by: number): string
  lane(holds: number, answered: number): string
  people(waiting: number): string
  line(ready: number): string
  top(peak: number): string
}

export const ENGLISH_PANEL: PanelWords = {
  ready: 'messages ready',
  asDashboards: 'as dashboards show',
  held: 'held by workers',
  wait: people => (people === 1 ? '1 person waits' : `${people} people wait`),
  nobody: 'nobody waits',
  over: wait => `over ${wait}`,
  waited: name => `${name} waited`,
  waits: name => `${name} has been waiting`,
  overtaken: by => `${by} newer went first`,
  lane: (holds, answered) => `holds ${holds}, ${answered} answered`,
  people: waiting => `people waiting: ${waiting}`,
  line: ready => `line: ready (${ready})`,
  top: peak => `top: ${peak}`,
}
