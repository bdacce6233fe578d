/** The style sheet of the HTML report, light and dark. */
export const htmlStyle = `
:root { color-scheme: light dark; --ground: #fff; --ink: #1c2128; --soft: #59636e; --line: #d6dbe1; --box: #f5f7f9;
  --passed: #1a7f37; --failed: #c0262d; --not_exercised: #8a5a00; }
@media (prefers-color-scheme: dark) {
  :root { --ground: #14171c; --ink: #e4e8ed; --soft: #98a3b0; --line: #343b45; --box: #1d2229;
    --passed: #4cc06a; --failed: #ff7b78; --not_exercised: #e0b050; }
}
* { box-sizing: border-box; }
body { margin: 0; background: var(--ground); color: var(--ink); font: 16px/1.5 system-ui, sans-serif; }
header, main { max-width: 70rem; margin: 0 auto; padding: 1.5rem; }
header { border-top: 0.5rem solid var(--state); padding-bottom: 0; }
header.passed { --state: var(--passed); } header.failed { --state: var(--failed); }
header.not_exercised { --state: var(--not_exercised); }
h1 { margin: 0; font-size: 2rem; color: var(--state); }
h2 { margin: 2.5rem 0 1rem; font-size: 1.25rem; border-bottom: 1px solid var(--line); }
h3 { margin: 0; font-size: 1rem; }
p { margin: 0.25rem 0; } .facts { color: var(--soft); font-size: 0.875rem; }
code, pre { font: 0.875em/1.5 ui-monospace, monospace; }
pre { margin: 0; padding: 0.5rem 0.75rem; background: var(--ground); border: 1px solid var(--line); border-radius: 4px;
  white-space: pre-wrap; overflow-wrap: anywhere; }
article { margin: 1rem 0; padding: 1rem; background: var(--box); border-left: 4px solid var(--failed); border-radius: 4px; }
dl { display: grid; grid-template-columns: 6rem minmax(0, 1fr); gap: 0.4rem 1rem; margin: 1rem 0 0; padding-top: 0.75rem;
  border-top: 1px solid var(--line); }
dt { color: var(--soft); } dd { margin: 0; overflow-wrap: anywhere; }
.counts { display: flex; flex-wrap: wrap; gap: 0.75rem 2rem; margin: 0; padding: 0; list-style: none; }
.counts b { font-size: 1.5rem; } .counts .passed b { color: var(--passed); } .counts .failed b { color: var(--failed); }
.counts .not_exercised b { color: var(--not_exercised); }
.wide { overflow-x: auto; }
table { width: 100%; border-collapse: collapse; font-size: 0.875rem; }
th, td { padding: 0.4rem 0.75rem 0.4rem 0; text-align: left; vertical-align: top; border-bottom: 1px solid var(--line); }
th { color: var(--soft); font-weight: 500; }
tr.failed td:first-child { color: var(--failed); } tr.passed td:first-child { color: var(--passed); }
tr.not_exercised td:first-child { color: var(--not_exercised); } td:first-child { white-space: nowrap; }
details { margin: 0.5rem 0; } summary { cursor: pointer; padding: 0.25rem 0; }
.covered { display: flex; flex-wrap: wrap; gap: 0.35rem; margin: 0.25rem 0; padding: 0; list-style: none; }
.covered li { padding: 0.05rem 0.5rem; border: 1px solid var(--line); border-radius: 4px; font-size: 0.8125rem; }
.covered .met { color: var(--passed); border-color: currentColor; }
.covered .missed { color: var(--soft); border-style: dashed; }
`;
