// check.mjs: tests by name, in order; ends with "N passed, N failed".
import assert from 'node:assert/strict'

const tests = []
export const test = (name, run) => tests.push({ name, run })
export { assert }

// An error of the SDK with this status, and what it was told.
export async function refused(call, status, result) {
  let error
  try {
    await call
  } catch (caught) {
    error = caught
  }
  assert.ok(error, `was not refused with ${status}`)
  assert.equal(error.statusCode, status, `${error.message} ${error.body}`)
  if (result) assert.deepEqual(JSON.parse(error.body), result)
  return error
}

export async function run() {
  let failed = 0
  for (const [i, { name, run }] of tests.entries()) {
    try {
      await run()
      console.log(`ok ${i + 1} - ${name}`)
    } catch (error) {
      failed++
      console.log(`not ok ${i + 1} - ${name}`)
      console.log(String(error.stack ?? error).concat(error.body ? `\n${error.body}` : '').replace(/^/gm, '#   '))
    }
  }
  console.log(`${tests.length - failed} passed, ${failed} failed`)
  process.exitCode = failed ? 1 : 0
}
