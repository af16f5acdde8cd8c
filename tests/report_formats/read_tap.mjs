// Reads TAP from stdin with node-tap's parser, in its strict mode, and prints what it has understood as JSON.
import { Parser } from 'tap-parser'
import { readFileSync } from 'node:fs'

const told = { version: null, plan: null, comments: [], tests: [], errors: [] }
const parser = new Parser({ strict: true })
parser.on('version', version => (told.version = version))
parser.on('plan', plan => (told.plan = plan))
parser.on('comment', comment => told.comments.push(comment))
parser.on('extra', extra => told.errors.push(`not TAP: ${extra}`))
parser.on('child', () => told.errors.push('a test within a test'))
parser.on('bailout', reason => told.errors.push(`bail out: ${reason}`))
parser.on('assert', ({ ok, id, name, skip, todo, diag, tapError }) => {
  told.tests.push({ ok, id, name, skip, todo, diag })
  if (tapError) told.errors.push(`${id}: ${tapError}`)
})
parser.on('complete', ({ failures }) =>
  failures.filter(failure => failure.tapError).forEach(failure => told.errors.push(failure.tapError)),
)
parser.end(readFileSync(0, 'utf8'))
console.log(JSON.stringify(told))
