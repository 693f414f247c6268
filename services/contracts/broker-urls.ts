/** The nodes of a broker as `AMQP_URL` lists them, with commas between: a part talks to one of
 *  them, and to another when that one is lost. */
export function brokerUrls(list: string): string[] {
  return list
    .split(',')
    .map(url => url.trim())
    .filter(url => url !== '')
}

/** Whether each of them is an address of AMQP. */
export function areBrokerUrls(list: string): boolean {
  const urls = brokerUrls(list)
  return urls.length > 0 && urls.every(url => /^amqps?:$/.test(URL.parse(url)?.protocol ?? ''))
}
