// Runs the public storyboards of AdCP against an agent: node storyboards.cjs URL KEY [STORYBOARD…]; prints JSON.
// With a test kit that says which call wants a key, which the command line of the package cannot be told.
const { comply } = require("@adcp/sdk/testing");

const [url, key, ...storyboards] = process.argv.slice(2);
const options = {
  auth: { type: "bearer", token: key },
  protocol: "mcp",
  allow_http: true,
  timeout_ms: 240000,
  test_kit: { auth: { api_key: key, probe_task: "get_signals" } },
  ...(storyboards.length ? { storyboards } : {}),
};
const say = console.log;
console.log = console.error; // what the package says by the way

comply(url, options).then((result) => {
  const steps = result.tracks.flatMap((track) =>
    track.scenarios.flatMap((scenario) =>
      scenario.steps.map((step) => ({
        storyboard: scenario.scenario,
        step: step.step,
        passed: step.passed,
        skipped: step.skipped ? step.skip_reason || "skipped" : step.skip_reason || null,
        error: step.error || null,
        details: step.details || null,
        warnings: step.warnings || [],
      })),
    ),
  );
  say(JSON.stringify({ executed: result.storyboards_executed, failures: result.failures, steps }));
  process.exit(0);
});
