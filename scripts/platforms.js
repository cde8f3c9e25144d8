'use strict'

// Lays out npm/<platform>/ for every binary that lies in the checkout: the package
// `@leakguard/<platform>` that carries it. Publishing them, and naming them in the
// optionalDependencies of the main package, is a release's work: a dependency that is not
// published yet would break `npm ci`.

const fs = require('node:fs')
const path = require('node:path')
const manifest = require('../package.json')
const { ROOT, fail } = require('./steps')

const BINARY = /^leakguard\.((\w+)-(\w+)(?:-(\w+))?)\.node$/
const LIBC = { gnu: ['glibc'], musl: ['musl'] }

/** The package.json that npm needs to choose the right one. */
function describe(platform, system, arch, variant) {
  const { version, license, repository, engines } = manifest
  return {
    name: `@leakguard/${platform}`,
    version,
    description: `The native binary of leakguard for ${platform}.`,
    license,
    repository,
    engines,
    main: `leakguard.${platform}.node`,
    files: [`leakguard.${platform}.node`],
    os: [system],
    cpu: [arch],
    ...(LIBC[variant] && { libc: LIBC[variant] }),
  }
}

const binaries = fs.readdirSync(ROOT).filter((name) => BINARY.test(name))
if (binaries.length === 0) fail('There is no binary here. Run: npm run build')
for (const name of binaries) {
  const [, platform, system, arch, variant] = BINARY.exec(name)
  const home = path.join(ROOT, 'npm', platform)
  fs.mkdirSync(home, { recursive: true })
  const text = JSON.stringify(describe(platform, system, arch, variant), null, 2)
  fs.writeFileSync(path.join(home, 'package.json'), `${text}\n`)
  fs.copyFileSync(path.join(ROOT, name), path.join(home, name))
  fs.copyFileSync(path.join(ROOT, 'LICENSE'), path.join(home, 'LICENSE'))
  console.log(`npm/${platform}: @leakguard/${platform} ${manifest.version}`)
}
