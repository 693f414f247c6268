/** AMQP's rule for topic keys: `*` is one word, `#` zero or more. An empty key has none. Pure. */

const wordsOf = (key: string): string[] => (key === '' ? [] : key.split('.'))

/** Whether a binding with this pattern gets a message with this key. */
export function topicMatches(pattern: string, key: string): boolean {
  return matches(wordsOf(pattern), wordsOf(key))
}

function matches([first, ...rest]: readonly string[], words: readonly string[]): boolean {
  if (first === undefined) return words.length === 0
  if (first === '#') return matches(rest, words) || (words.length > 0 && matches([first, ...rest], words.slice(1)))
  return words.length > 0 && (first === '*' || first === words[0]) && matches(rest, words.slice(1))
}

/** Every key of up to `most` of these words, the empty one first. */
export function keysOf(words: readonly string[], most: number): string[] {
  let [keys, longest] = [[''], ['']]
  for (let length = 1; length <= most; length += 1) {
    longest = longest.flatMap(key => words.map(word => (key === '' ? word : `${key}.${word}`)))
    keys = [...keys, ...longest]
  }
  return keys
}
