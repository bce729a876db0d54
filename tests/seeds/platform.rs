//! Seed 1: parallel implementations, five layers of configuration, secrets, and no pipeline.

use std::fs;

use super::{Cleaned, build, clean, every_module_imports, program, runs};

const SEED: &str = include_str!("platform.txt");

const ARCHIVE: &str = "ARCHIVE_20260102";

const SUITE: [&str; 7] = ["-m", "unittest", "discover", "-s", "tests", "-t", "."];

/// What was old by its name, or another way to start.
const ARCHIVED: [&str; 22] = [
    "backend/smart_city/services/_archived/__init__.py",
    "backend/smart_city/services/_archived/security_guard_v1.py",
    "backend/smart_city/services/nurse/_archived/nurse_service_v1.py",
    "backend/smart_city/services/librarian/librarian_old.py",
    "backend/smart_city/services/librarian/catalogue_backup.py",
    "backend/smart_city/services/traffic_cop/traffic_cop_service_old.py",
    "backend/smart_city/services/traffic_cop/traffic_cop_service_backup.py",
    "backend/smart_city/services/traffic_cop/traffic_cop_service_refactored.py",
    "backend/business_enablement/pillars/content/agents/_archived_content_agent.py",
    "backend/business_enablement/pillars/insights/agents/_archived_agents/guesser.py",
    "foundations/public_works_old.py",
    "docs/10-9_archive/plan.md",
    "scripts/archive/start_everything.sh",
    "scripts/working-startup.sh",
    "scripts/foundational-startup.sh",
    "scripts/holistic-orchestration.sh",
    "modern_main.py",
    "hybrid_main.py",
    "requirements-minimal.txt",
    "pyproject.toml.backup",
    "utilities/configuration/unified_configuration_manager.py",
    "utilities/configuration/layers/layer_secret.py",
];

/// What looks old, and is used: by an import of any spelling, a manifest, another script.
const KEPT: [&str; 9] = [
    "agentic/sdk_refactored.py",
    "backend/smart_city/services/conductor/conductor_refactored.py",
    "backend/smart_city/services/librarian/librarian_backup.py",
    "backend/smart_city/services/post_office/_archived/letters.py",
    "backend/business_enablement/pillars/insights/agents/summary_old.py",
    "experience/theme_backup.py",
    "scripts/proper-startup.sh",
    "utilities/clock_old.py",
    "main.py",
];

#[test]
fn is_cleaned_phase_by_phase() {
    let seed = clean("platform", SEED);
    runs(&seed.before, &SUITE);
    runs(&seed.after, &SUITE);
    every_module_imports(&seed.before, &[]);
    every_module_imports(&seed.after, &[]);
    seed.archived(ARCHIVE, &ARCHIVED);
    seed.archived(
        ARCHIVE,
        &["tests/unit/test_security_guard_v1.py", "tests/unit/test_first_traffic_cop.py"],
    );
    seed.kept(&KEPT);
    seed.references_are_current(&[]);
    it_starts_as_before(&seed);
    what_is_watched(&seed);
    secrets_come_from_the_environment(&seed);
    what_is_deployed_can_be_taken_back(&seed);
    seed.diff("platform.diff");
}

#[track_caller]
fn it_starts_as_before(seed: &Cleaned) {
    let start = ["scripts/containerized-orchestration.sh"];
    let before = program(&seed.before, "sh", &start).unwrap();
    assert_eq!(program(&seed.after, "sh", &start).unwrap(), before);
    runs(&seed.after, &["utilities/configuration/configuration_report.py"]);
    let cop = "backend/smart_city/services/traffic_cop/traffic_cop_service.py";
    let cop = seed.after.read(cop);
    assert_eq!(cop.matches('\n').count(), cop.matches("\r\n").count(), "line ends stay");
}

/// Asks the monitoring about a page that is there, and about one that is not.
const WATCHED: &str = "
import subprocess, sys, threading
from http.server import BaseHTTPRequestHandler, HTTPServer

told = []

class Page(BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200 if self.path == '/health' else 500)
        self.end_headers()

    def do_POST(self):
        told.append(self.rfile.read(int(self.headers['Content-Length'])))
        self.send_response(200)
        self.end_headers()

server = HTTPServer(('127.0.0.1', 0), Page)
threading.Thread(target=server.serve_forever, daemon=True).start()
url = f'http://127.0.0.1:{server.server_port}'
well, ill = f'{url}/health', f'{url}/other'

def asked(*command, **options):
    return subprocess.run(command, capture_output=True, text=True, **options)

python = sys.executable
assert asked(python, 'monitoring/health-checks.py', well).returncode == 0
assert asked(python, 'monitoring/health-checks.py', well, ill).returncode == 1
assert asked(python, 'monitoring/health-checks.py').returncode == 1
assert 'platform_up 1\\n' in asked(python, 'monitoring/metrics.py', well).stdout
assert 'platform_up 0\\n' in asked(python, 'monitoring/metrics.py', ill).stdout
hook = {'ALERT_WEBHOOK': url}
assert asked(python, 'monitoring/alerts.py', well, env=hook).returncode == 0
assert not told
assert asked(python, 'monitoring/alerts.py', ill, env=hook).returncode == 1
assert b'500' in told[0], told
assert asked('scripts/performance-test.sh', well).returncode == 0
assert asked('scripts/performance-test.sh', well, '0').returncode == 1
";

#[track_caller]
fn what_is_watched(seed: &Cleaned) {
    runs(&seed.after, &["-c", WATCHED]);
}

#[track_caller]
fn secrets_come_from_the_environment(seed: &Cleaned) {
    assert!(!seed.after.path(".env.secrets").exists());
    let missing = program(&seed.after, "scripts/load-secrets.sh", &[]).unwrap_err();
    assert!(missing.contains("not set: OPENAI_API_KEY DATABASE_URL"), "{missing}");
    let load = "OPENAI_API_KEY=\"a'b c\" DATABASE_URL=d SESSION_SECRET=s";
    let load = format!("{load} scripts/load-secrets.sh");
    program(&seed.after, "sh", &["-c", &load]).unwrap();
    let secrets = seed.after.read(".env.secrets");
    assert_eq!(secrets, "OPENAI_API_KEY='a\\'b c'\nDATABASE_URL='d'\nSESSION_SECRET='s'\n");
    assert!(seed.after.git(["status", "--porcelain"]).is_empty(), "secrets are ignored");
    program(&seed.after, "scripts/security-scan.sh", &[]).unwrap();
    seed.after.write("leak.py", "API_KEY = 'abc'\n");
    seed.after.git(["add", "leak.py"]);
    assert!(program(&seed.after, "scripts/security-scan.sh", &[]).is_err());
    seed.after.git(["rm", "-q", "-f", "leak.py"]);
    program(&seed.after, "scripts/quality-gates.sh", &[]).unwrap();
}

/// Deploys two versions, and goes back, with a `docker` that only writes down what it is told.
const DEPLOYED: &str = r#"
set -eu
mkdir -p ../bin ../state
printf '#!/bin/sh\necho "${PLATFORM_VERSION:-} $*" >>"$LOG"\n' >../bin/docker
chmod +x ../bin/docker
export LOG="$PWD/../docker.log" PATH="$PWD/../bin:$PATH" PLATFORM_STATE="$PWD/../state"
scripts/deploy-dev.sh
scripts/deploy-test.sh
if scripts/rollback.sh; then exit 1; fi
scripts/deploy-prod.sh v1
scripts/deploy-prod.sh v2
scripts/rollback.sh
[ "$(cat ../state/current)" = v1 ]
tail -n 1 "$LOG" | grep '^v1 compose -f docker-compose.prod.yml up'
for file in $(grep -o 'docker-compose[a-z.]*' "$LOG"); do [ -f "$file" ]; done
"#;

#[track_caller]
fn what_is_deployed_can_be_taken_back(seed: &Cleaned) {
    program(&seed.after, "sh", &["-c", DEPLOYED]).unwrap();
    for path in seed.after.git(["ls-files", "*.yml"]).lines() {
        let text = fs::read_to_string(seed.after.path(path)).unwrap();
        let mut parser = saphyr_parser::Parser::new_from_str(&text);
        assert!(parser.all(|event| event.is_ok()), "{path} is no YAML");
    }
}

#[test]
fn it_needs_no_edit_that_waits_for_review() {
    let repo = build(SEED);
    drop(repo.run(["apply", "platform", "--yes"]).exit(0));
}

#[test]
fn a_way_to_start_that_a_manifest_names_stays() {
    let unit = "ExecStart=/usr/bin/python3 /srv/platform/modern_main.py";
    let seed = clean(
        "platform",
        &SEED.replace("-- README.md --", &format!("-- deploy/modern.service --\n[Service]\nWorkingDirectory=/srv/platform\n{unit}\n-- README.md --")),
    );
    seed.kept(&["modern_main.py"]);
    seed.archived(ARCHIVE, &["hybrid_main.py"]);
}
