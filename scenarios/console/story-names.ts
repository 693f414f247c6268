/** The guided stories of the live page. Pure. */
export const STORIES = ['hoarding', 'offline', 'killed', 'poison', 'sick', 'node'] as const
export type StoryName = (typeof STORIES)[number]
