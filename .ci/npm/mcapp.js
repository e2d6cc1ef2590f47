#!/usr/bin/env node
// Starts the program that is in the package of this system, with the same arguments, streams, signals and exit code.
"use strict";

const { spawn } = require("node:child_process");
const path = require("node:path");

const SYSTEMS = Object.keys(require("./package.json").optionalDependencies);
const name = `@mcapp-cli/${process.platform}-${process.arch}`;

function fail(message, hint) {
  process.stderr.write(`error: ${message}\n  hint: ${hint}\n`);
  process.exit(70);
}

function program() {
  const file = process.platform === "win32" ? "mcapp.exe" : "mcapp";
  try {
    return path.join(path.dirname(require.resolve(`${name}/package.json`)), "mcapp", file);
  } catch {
    if (!SYSTEMS.includes(name)) {
      fail(
        `there is no mcapp for ${process.platform} on ${process.arch} at npm`,
        "with Python 3.11 or later: uv tool install mcapp, or pipx install mcapp",
      );
    }
    fail(
      `the package ${name} is missing, which has the program for this system`,
      "npm skips it with --omit=optional, with a lock file from another system, and on Alpine Linux (musl), where\n" +
        "        only Python has mcapp: uv tool install mcapp. Elsewhere delete node_modules and the lock file, then\n" +
        "        npm install --include=optional",
    );
  }
}

const child = spawn(program(), process.argv.slice(2), { stdio: "inherit" });
child.on("error", (error) => fail(`mcapp cannot be started: ${error.message}`, `install ${name} anew`));
child.on("exit", (code, signal) => {
  if (signal === null) process.exit(code);
  process.removeAllListeners(signal);
  process.kill(process.pid, signal);
});
// At a terminal Ctrl-C reaches the program by itself; this process waits until it has ended.
process.on("SIGINT", () => process.stdin.isTTY || child.kill("SIGINT"));
for (const signal of ["SIGTERM", "SIGHUP"]) process.on(signal, () => child.kill(signal));
