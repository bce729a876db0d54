//! What `production-scaffold` makes does its job: it is run here.

use std::io::{Read, Write};
use std::net::TcpListener;
use std::process::Output;

use overhaul::text::yaml;

use crate::support::Repo;

const TESTS: &str = "python3 -m unittest test_app: 'all'  # and more";

/// Makes the scaffold of a service that answers on `port`.
fn scaffold(port: u16) -> Repo {
    let repo = Repo::new().file("test_app.py", "").file("requirements.txt", "").commit("start");
    let sets = ["command=python3 -m app", &format!("port={port}"), &format!("tests={TESTS}")];
    let sets = sets.iter().flat_map(|it| ["--set", it]);
    drop(
        repo.run(["apply", "production-scaffold", "--yes", "--switch"].into_iter().chain(sets))
            .exit(0),
    );
    repo
}

fn healthcheck(repo: &Repo) -> Output {
    repo.command(repo.path("scripts/healthcheck.py"), &repo.root()).output().unwrap()
}

#[test]
fn the_health_check_tells_whether_the_service_answers() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let repo = scaffold(listener.local_addr().unwrap().port());
    for (status, code) in [("200 OK", 0), ("503 Service Unavailable", 1)] {
        let answers = std::thread::spawn({
            let listener = listener.try_clone().unwrap();
            move || {
                let (mut asked, _) = listener.accept().unwrap();
                let mut request = [0; 4096];
                let read = asked.read(&mut request).unwrap();
                assert!(request[..read].starts_with(b"GET /health "), "asks for its path");
                write!(asked, "HTTP/1.1 {status}\r\nContent-Length: 0\r\n\r\n").unwrap();
            }
        });
        let output = healthcheck(&repo);
        answers.join().unwrap();
        assert_eq!(output.status.code(), Some(code), "{output:?}");
    }
    drop(listener);
    assert_eq!(healthcheck(&repo).status.code(), Some(1), "nobody listens");
}

#[test]
fn each_yaml_file_holds_what_was_set() {
    let repo = scaffold(8000);
    let found = |file: &str| {
        let text = repo.read(file);
        let scalars = yaml::scalars(&text).unwrap_or_else(|| panic!("`{file}` does not parse"));
        scalars.iter().map(|it| text[it.span.clone()].trim().to_owned()).collect::<Vec<_>>()
    };
    for file in ["docker-compose.yml", "docker-compose.dev.yml", "docker-compose.prod.yml"] {
        assert!(found(file).contains(&"services".to_owned()), "`{file}`");
    }
    for file in ["docker-compose.test.yml", ".github/workflows/ci.yml"] {
        assert!(found(file).iter().any(|it| it.ends_with(TESTS)), "`{file}`: {:?}", found(file));
    }
}

#[test]
fn the_image_installs_what_the_project_lists() {
    let listed = scaffold(8000).read("Dockerfile");
    assert!(listed.contains("RUN pip install --no-cache-dir -r requirements.txt\nCOPY . .\n"));
    let repo = Repo::new().file("pyproject.toml", "").commit("start");
    let plan = ["plan", "production-scaffold", "--set", "command=app", "--format", "patch"];
    repo.run(plan).exit(0).stdout_lacks("COPY requirements.txt");
}
