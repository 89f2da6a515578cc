//! What `signatures.py` calls: one line of what came out for each command, and files as they would lie beside a seal.

use std::collections::BTreeMap;
use std::fs;

use dossier::edition::signature::{minisign, ssh};
use dossier::edition::timestamp::{ots, tsp};

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let bytes = |path: &str| fs::read(path).expect("the script names files that are there");
    let text = |path: &str| String::from_utf8(bytes(path)).expect("the script names texts");
    let now = jiff::Timestamp::now();
    let said = match arguments[..] {
        ["ssh-sign", key, file, out] => ssh::SigningKey::read(&text(key)).map(|key| {
            fs::write(out, ssh::sign(&key, &bytes(file))).expect("the folder is there");
            format!("{key:?}")
        }),
        ["ssh-verify", signature, file, allowed] => {
            let allowed = ssh::AllowedSigners::read(&text(allowed));
            Ok(ssh::verify(&text(signature), &bytes(file), &allowed, now).to_string())
        }
        ["minisign-sign", key, file, out, comment, ref password @ ..] => {
            minisign::SigningKey::read(&text(key), password.first().map(|word| word.as_bytes())).and_then(|key| {
                fs::write(out, minisign::sign(&key, &bytes(file), comment)?).expect("the folder is there");
                Ok(format!("{key:?}"))
            })
        }
        ["minisign-verify", signature, file, key] => minisign::PublicKey::read("the desk", &text(key))
            .map(|key| minisign::verify(&text(signature), &bytes(file), &[key]).to_string()),
        ["ots-request", file, out] => {
            fs::write(out, ots::Request::new(&bytes(file), [9; 16]).to_send()).expect("the folder is there");
            Ok("written".to_owned())
        }
        ["ots-answer", file, out, ref answers @ ..] => {
            let answers: Vec<Vec<u8>> = answers.iter().map(|path| bytes(path)).collect();
            let answers: Vec<&[u8]> = answers.iter().map(Vec::as_slice).collect();
            ots::Request::new(&bytes(file), [9; 16]).answered(&answers).map(|proof| {
                fs::write(out, proof.to_bytes()).expect("the folder is there");
                "written".to_owned()
            })
        }
        ["ots-upgrade", proof, commitment, answer] => ots::Proof::read(&bytes(proof)).and_then(|mut read| {
            let is_there = read.upgrade(commitment, &bytes(answer))?;
            fs::write(proof, read.to_bytes()).expect("the folder is there");
            Ok(format!("upgraded: {is_there}"))
        }),
        ["ots-verify", proof, file] => ots::Proof::read(&bytes(proof)).map(|proof| {
            let standings = proof.check(&bytes(file), &BTreeMap::new());
            standings.iter().map(ToString::to_string).collect::<Vec<_>>().join(" | ")
        }),
        ["tsp-request", file, out] => {
            fs::write(out, tsp::request(&bytes(file), &[0x91, 2, 3, 4, 5, 6, 7, 8])).expect("the folder is there");
            Ok("written".to_owned())
        }
        ["tsp-verify", answer, file, roots, ref request @ ..] => tsp::roots(&text(roots)).map(|roots| {
            let request = request.first().map(|path| bytes(path));
            tsp::verify(&bytes(answer), &bytes(file), request.as_deref(), &roots).to_string()
        }),
        _ => Err(format!("no such command: {arguments:?}")),
    };
    match said {
        Ok(said) => println!("{said}"),
        Err(why) => println!("error: {why}"),
    }
}
