// client.mjs: the unmodified SDK pointed at a server by configuration alone: an https.Agent whose connections are plain TCP to it.
// The SDK still believes in https: path, Host and the Basic header are what it would send to Maxio.
import https from 'node:https'
import net from 'node:net'
import * as sdk from '@maxio-com/advanced-billing-sdk'

export { sdk }

class PlainAgent extends https.Agent {
  constructor(host, port) {
    super({ keepAlive: true })
    this.place = { host, port }
  }
  createConnection(options, callback) {
    return net.connect(this.place, callback)
  }
}

export function connect({ url, site, key }) {
  const { hostname, port } = new URL(url)
  return new sdk.Client({
    basicAuthCredentials: { username: key, password: 'x' },
    site,
    environment: sdk.Environment.US,
    httpClientOptions: { httpsAgent: new PlainAgent(hostname, Number(port)), timeout: 60000 },
  })
}

// What Maxio has no call for: the tenant's clock, and metrics.
export function native({ url, key }) {
  return async (method, path, body) => {
    const answer = await fetch(url + path, {
      method,
      headers: { authorization: 'Basic ' + Buffer.from(key + ':x').toString('base64'), 'content-type': 'application/json' },
      body: body && JSON.stringify(body),
    })
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${await answer.text()}`)
    return answer.json()
  }
}
