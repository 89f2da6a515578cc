//! A site in the storage of a service.
//!
//! Each request is made anew and signed anew when it fails in a way that may pass, for as long as the patience lasts; one whose answer was lost and that
//! then meets what it wrote itself has succeeded. Nothing is begun, and no more of a body is sent, while the claim is not good.

mod environment;
mod trouble;
mod wire;

use std::collections::HashSet;
use std::fs::File;
use std::future::Future;
use std::io::{self, Read, Seek, Write};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use bytes::{BufMut, Bytes, BytesMut};
use futures_util::TryStreamExt;
use futures_util::stream::TryChunksError;
use object_store::path::Path;
use object_store::{
    Attribute, Attributes, Error, GetOptions, ObjectMeta, ObjectStore, ObjectStoreExt, PutMode, PutMultipartOptions,
    PutOptions, UpdateVersion,
};
use sha2::{Digest, Sha256};
use tokio::runtime::Runtime;

use super::address::{Service, before};
use super::headers::{Encoding, Headers};
use super::lease::Lease;
use super::list::{scratch, unwritten};
use super::plan::Plan;
use super::state::FOLDER;
use super::store::{Body, Expected, Put, StoreError, Version};
use crate::output::{SiteFile, Sum};
pub(super) use environment::AT_ONCE;
use trouble::{Trouble, refused};

/// How long a service may be out of reach before anything was heard of it.
const AT_FIRST: Duration = Duration::from_secs(10);
/// How long it may be out of reach later.
const LATER: Duration = Duration::from_secs(120);
/// The first pause after a failure; it doubles each time, up to the longest.
const PAUSE: Duration = Duration::from_millis(200);
const LONGEST_PAUSE: Duration = Duration::from_secs(5);

/// The size of the parts of a long file: the least that every service takes.
const PART: usize = 5 << 20;
/// Of how many parts a file may consist.
const PARTS: u64 = 10_000;
/// How often a long file is sent again whose parts could not be put together.
const AGAIN: usize = 2;
/// Up to how many paths are asked for one by one, instead of asking for the list of all.
const ONE_BY_ONE: usize = 16;
/// How many names of a list are looked for at once.
const LISTED: usize = 10_000;

/// A place in the storage of a service.
#[derive(Debug)]
pub(in crate::publish) struct Bucket {
    /// Makes each request once.
    store: Box<dyn ObjectStore>,
    /// Makes the requests of which a long file consists more than once.
    patient: Box<dyn ObjectStore>,
    runtime: Runtime,
    service: Service,
    bucket: String,
    prefix: String,
    /// Whether the service has answered to anything.
    is_heard: AtomicBool,
    /// Whether it was given up; what is asked then is asked once.
    is_given_up: AtomicBool,
}

impl Bucket {
    pub(in crate::publish) fn open(service: Service, bucket: &str, prefix: &str) -> Result<Bucket, StoreError> {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_time().build();
        let runtime = runtime
            .map_err(|cause| StoreError::Io { attempt: "cannot start what waits for answers".to_owned(), cause })?;
        let [store, patient] = environment::stores(service, bucket)?;
        Ok(Bucket {
            store,
            patient,
            runtime,
            service,
            bucket: bucket.to_owned(),
            prefix: prefix.to_owned(),
            is_heard: AtomicBool::new(false),
            is_given_up: AtomicBool::new(false),
        })
    }

    pub(in crate::publish) fn read_own(&self, name: &str) -> Result<Option<(Vec<u8>, Version)>, StoreError> {
        let key = self.key(&format!("{FOLDER}/{name}"))?;
        Ok(self.get(&key)?.map(|(bytes, version)| (bytes.into(), version)))
    }

    /// Something of ours that may be long, piece by piece in a file.
    pub(in crate::publish) fn fetch_own(&self, name: &str) -> Result<Option<File>, StoreError> {
        let key = self.key(&format!("{FOLDER}/{name}"))?;
        let mut file = scratch()?;
        let mut at = 0;
        loop {
            let piece = || async {
                let options = GetOptions { range: Some((at..at + PART as u64).into()), ..GetOptions::default() };
                match self.store.get_opts(&key, options).await {
                    Err(Error::NotFound { .. }) => Ok(None),
                    answer => {
                        let answer = answer?;
                        let size = answer.meta.size;
                        Ok(Some((answer.bytes().await?, size)))
                    }
                }
            };
            let answer = match self.ask(None, piece) {
                Ok((answer, _)) => answer,
                // Not every service, nor all that lies before it, gives a part of a file.
                Err(Failed { error, .. }) if at == 0 && Trouble::of(&error).is_none() => {
                    self.get(&key)?.map(|(bytes, _)| {
                        let size = bytes.len() as u64;
                        (bytes, size)
                    })
                }
                Err(error) => return Err(self.refused(&error, "read", &key)),
            };
            let Some((bytes, size)) = answer else { return Ok(None) };
            file.write_all(&bytes).map_err(unwritten)?;
            at += bytes.len() as u64;
            if at >= size || bytes.is_empty() {
                return Ok(Some(file));
            }
        }
    }

    pub(in crate::publish) fn names_of_own(&self) -> Result<Vec<String>, StoreError> {
        let prefix = self.key(FOLDER)?;
        let list = || self.store.list(Some(&prefix)).try_collect::<Vec<_>>();
        let (objects, _) = self.ask(None, list).map_err(|error| self.refused(&error, "list", &prefix))?;
        Ok(objects.iter().filter_map(|object| object.location.filename().map(str::to_owned)).collect())
    }

    fn is_there(&self, key: &Path) -> Result<bool, StoreError> {
        let head = || async {
            match self.store.head(key).await {
                Err(Error::NotFound { .. }) => Ok(false),
                other => other.map(|_| true),
            }
        };
        self.ask(None, head).map(|(there, _)| there).map_err(|error| self.refused(&error, "look for", key))
    }

    fn get(&self, key: &Path) -> Result<Option<(Bytes, Version)>, StoreError> {
        let read = || async {
            let answer = match self.store.get(key).await {
                Err(Error::NotFound { .. }) => return Ok(None),
                other => other?,
            };
            let version = Version { tag: answer.meta.e_tag.clone(), number: answer.meta.version.clone() };
            Ok(Some((answer.bytes().await?, version)))
        };
        self.ask(None, read).map(|(there, _)| there).map_err(|error| self.refused(&error, "read", key))
    }

    pub(in crate::publish) fn write_own(
        &self,
        name: &str,
        bytes: Vec<u8>,
        expected: &Expected,
    ) -> Result<Version, StoreError> {
        let key = self.key(&format!("{FOLDER}/{name}"))?;
        let bytes = Bytes::from(bytes);
        let mode = || match expected {
            Expected::Nothing => PutMode::Create,
            Expected::Version(Version { tag, number }) => {
                PutMode::Update(UpdateVersion { e_tag: tag.clone(), version: number.clone() })
            }
        };
        let attributes: Attributes =
            [(Attribute::ContentType, "application/json; charset=utf-8"), (Attribute::CacheControl, "no-store")]
                .into_iter()
                .collect();
        let write = || {
            let options = PutOptions { mode: mode(), attributes: attributes.clone(), ..PutOptions::default() };
            self.store.put_opts(&key, bytes.clone().into(), options)
        };
        match self.ask(None, write) {
            Ok((put, _)) if put.e_tag.is_some() || put.version.is_some() => {
                Ok(Version { tag: put.e_tag, number: put.version })
            }
            // A service that does not say which version it made is asked.
            Ok(_) => self.get(&key)?.map(|(_, version)| version).ok_or(StoreError::Changed),
            Err(Failed { error: Error::AlreadyExists { .. } | Error::Precondition { .. }, was_lost }) => {
                match self.get(&key)? {
                    Some((there, version)) if was_lost && there == bytes => Ok(version),
                    _ => Err(StoreError::Changed),
                }
            }
            Err(error) => Err(self.refused(&error, "write", &key)),
        }
    }

    pub(in crate::publish) fn taken(&self, plan: &mut Plan) -> Result<Vec<String>, StoreError> {
        if plan.tally.new > ONE_BY_ONE
            && let Some(taken) = self.listed(plan)?
        {
            return Ok(taken);
        }
        let mut taken = Vec::new();
        for path in plan.new_paths()? {
            let path = path?;
            if self.is_there(&self.key(&path)?)? {
                taken.push(path);
            }
        }
        Ok(taken)
    }

    /// Which of the paths that a plan takes for free are in the list of all that is there; `None` when names of others are in it that no path can
    /// be made of.
    fn listed(&self, plan: &mut Plan) -> Result<Option<Vec<String>>, StoreError> {
        let prefix = if self.prefix.is_empty() { None } else { Some(self.key("")?) };
        let before = before(&self.prefix);
        let plan = Mutex::new(plan);
        let list = || async {
            // Not every service lists in the order of the names, so some at a time are looked for in the plan.
            let mut chunks = self.store.list(prefix.as_ref()).try_chunks(LISTED);
            let mut taken = Vec::new();
            while let Some(objects) = chunks.try_next().await.map_err(|TryChunksError(_, error)| error)? {
                let path = |object: &ObjectMeta| object.location.as_ref().get(before..).map(str::to_owned);
                let there: HashSet<String> = objects.iter().filter_map(path).collect();
                let mut plan = plan.lock().unwrap_or_else(PoisonError::into_inner);
                match plan.new_paths().and_then(|paths| among(paths, &there)) {
                    Ok(some) => taken.extend(some),
                    Err(error) => return Ok(Err(error)),
                }
            }
            taken.sort();
            Ok(Ok(taken))
        };
        match self.ask(None, list) {
            Ok((taken, _)) => taken.map(Some),
            Err(Failed { error, .. }) if Trouble::of(&error).is_none() => Ok(None),
            Err(failed) => Err(self.refused(&failed, "list", &prefix.unwrap_or_default())),
        }
    }

    pub(in crate::publish) fn put(
        &self,
        path: &str,
        body: Body,
        headers: &Headers,
        put: Put,
        lease: &Arc<Lease>,
    ) -> Result<(), StoreError> {
        let key = self.key(path)?;
        let mut attributes = Attributes::new();
        let encoding = headers.encoding.map(|Encoding::Gzip| "gzip".to_owned());
        for (attribute, value) in [
            (Attribute::ContentType, headers.content_type.clone()),
            (Attribute::CacheControl, headers.cache_control.clone()),
            (Attribute::ContentEncoding, encoding),
        ] {
            if let Some(value) = value {
                attributes.insert(attribute, value.into());
            }
        }
        match body {
            Body::Bytes(bytes) => self.put_bytes(&key, &bytes.into(), &attributes, put, lease),
            Body::Long(file, built) => {
                if put == Put::New && self.is_there(&key)? {
                    return Err(StoreError::Exists);
                }
                let again = AtomicUsize::new(AGAIN);
                let send = || self.put_long(&key, &file, &built, &attributes, lease, &again);
                match self.ask(Some(lease), send) {
                    Ok((Ok(()), _)) => Ok(()),
                    Ok((Err(error), _)) => Err(error),
                    Err(error) => Err(self.refused(&error, "write", &key)),
                }
            }
        }
    }

    /// Sends a long file in parts. What the service says is one result, what became of the file is the other.
    async fn put_long(
        &self,
        key: &Path,
        mut file: &File,
        built: &SiteFile,
        attributes: &Attributes,
        lease: &Arc<Lease>,
        again: &AtomicUsize,
    ) -> Result<Result<(), StoreError>, Error> {
        let unreadable = |cause| Ok(Err(StoreError::Io { attempt: format!("cannot read `{}`", built.path), cause }));
        let mut options = PutMultipartOptions { attributes: attributes.clone(), ..PutMultipartOptions::default() };
        options.extensions.insert(Arc::clone(lease));
        if let Err(error) = file.rewind() {
            return unreadable(error);
        }
        let mut upload = self.patient.put_multipart_opts(key, options).await?;
        let mut digest = Sha256::new();
        let mut length = 0;
        let mut room = BytesMut::new();
        let size = PART.max(usize::try_from(built.sum.length.div_ceil(PARTS)).unwrap_or(usize::MAX));
        let ended = loop {
            // The room of the part before, which has been sent.
            room.reserve(size);
            match io::copy(&mut file.take(size as u64), &mut (&mut room).writer()) {
                Ok(0) => break Ok(Ok(())),
                Ok(count) => length += count,
                Err(error) => break unreadable(error),
            }
            let part = room.split().freeze();
            digest.update(&part);
            if !lease.is_good() {
                break Err(lapsed());
            }
            if let Err(error) = upload.put_part(part.into()).await {
                break Err(error);
            }
        };
        // It was read once before, and may have changed since.
        let is_as_built = Sum { sha256: digest.finalize().into(), length } == built.sum;
        match ended {
            Ok(Ok(())) if is_as_built => match upload.complete().await {
                Ok(_) => Ok(Ok(())),
                // The parts may have been put together by a request whose answer was lost, and are not there any more: nobody can tell.
                Err(_)
                    if again.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| left.checked_sub(1)).is_ok() =>
                {
                    Err(lapsed())
                }
                Err(error) => Err(error),
            },
            Ok(Ok(())) => {
                drop(upload.abort().await);
                Ok(Err(StoreError::NotAsBuilt(built.path.clone())))
            }
            other => {
                drop(upload.abort().await);
                other
            }
        }
    }

    fn put_bytes(
        &self,
        key: &Path,
        bytes: &Bytes,
        attributes: &Attributes,
        put: Put,
        lease: &Arc<Lease>,
    ) -> Result<(), StoreError> {
        let write = || {
            let mode = match put {
                Put::New => PutMode::Create,
                Put::Over => PutMode::Overwrite,
            };
            let mut options = PutOptions { mode, attributes: attributes.clone(), ..PutOptions::default() };
            options.extensions.insert(Arc::clone(lease));
            self.store.put_opts(key, bytes.clone().into(), options)
        };
        match self.ask(Some(lease), write) {
            Ok(_) => Ok(()),
            Err(Failed { error: Error::AlreadyExists { .. } | Error::Precondition { .. }, was_lost: true }) => {
                // What we sent ourselves, and of which the answer was lost, is in nobody's way.
                match self.get(key)? {
                    Some((there, _)) if there == *bytes || is_packed_form(&there, bytes) => Ok(()),
                    _ => Err(StoreError::Exists),
                }
            }
            Err(Failed { error: Error::AlreadyExists { .. } | Error::Precondition { .. }, .. }) => {
                Err(StoreError::Exists)
            }
            Err(error) => Err(self.refused(&error, "write", key)),
        }
    }

    pub(in crate::publish) fn delete(&self, path: &str, lease: &Arc<Lease>) -> Result<(), StoreError> {
        let key = self.key(path)?;
        let delete = || async {
            match self.store.delete(&key).await {
                Err(Error::NotFound { .. }) => Ok(()),
                other => other,
            }
        };
        self.ask(Some(lease), delete).map(|_| ()).map_err(|error| self.refused(&error, "delete", &key))
    }

    fn key(&self, path: &str) -> Result<Path, StoreError> {
        let between = if self.prefix.is_empty() || path.is_empty() { "" } else { "/" };
        let key = format!("{}{between}{path}", self.prefix);
        Path::parse(&key).map_err(|_| StoreError::Refused {
            message: format!("`{key}` cannot be a name in storage"),
            hint: "rename the record or the file, or choose another address".to_owned(),
        })
    }

    /// Asks until there is an answer, or the patience is over.
    fn ask<T, F: Future<Output = Result<T, Error>>>(
        &self,
        lease: Option<&Arc<Lease>>,
        mut ask: impl FnMut() -> F,
    ) -> Result<(T, bool), Failed> {
        let mut since: Option<Instant> = None;
        let mut pause = PAUSE;
        let mut was_lost = false;
        loop {
            if let Some(lease) = lease
                && lease.wait().is_err()
            {
                return Err(Failed { error: lapsed(), was_lost });
            }
            let error = match self.runtime.block_on(ask()) {
                Ok(answer) => {
                    self.is_heard.store(true, Ordering::Relaxed);
                    return Ok((answer, was_lost));
                }
                Err(error) => error,
            };
            let trouble = Trouble::of(&error);
            if trouble.is_none_or(Trouble::is_answer) {
                self.is_heard.store(true, Ordering::Relaxed);
            }
            let Some(trouble) = trouble.filter(|trouble| trouble.may_pass()) else {
                return Err(Failed { error, was_lost });
            };
            was_lost = true;
            let patience = if self.is_heard.load(Ordering::Relaxed) { LATER } else { AT_FIRST };
            let since = *since.get_or_insert_with(Instant::now);
            if since.elapsed() > patience || self.is_given_up.load(Ordering::Relaxed) {
                self.is_given_up.store(true, Ordering::Relaxed);
                return Err(Failed { error, was_lost });
            }
            // A different pause for each, so that not all come again at the same time.
            let mut dice = [0; 2];
            if getrandom::fill(&mut dice).is_err() {
                // Pauses that are all the same do no harm.
                dice = [0; 2];
            }
            let part = f64::from(u16::from_le_bytes(dice)) / f64::from(u16::MAX);
            std::thread::sleep(trouble.wait().unwrap_or(pause.mul_f64(0.5 + part / 2.0)).min(LONGEST_PAUSE * 2));
            pause = (pause * 2).min(LONGEST_PAUSE);
        }
    }

    fn refused(&self, failed: &Failed, attempt: &str, key: &Path) -> StoreError {
        refused(&failed.error, self.service, &self.bucket, attempt, key)
    }
}

/// Why something was not done, and whether the answer to an earlier try of it was lost.
struct Failed {
    error: Error,
    was_lost: bool,
}

/// Which of some paths are there.
fn among(
    paths: impl Iterator<Item = Result<String, StoreError>>,
    there: &HashSet<String>,
) -> Result<Vec<String>, StoreError> {
    paths.filter(|path| path.as_ref().map_or(true, |path| there.contains(path))).collect()
}

fn lapsed() -> Error {
    Error::Generic { store: "claim", source: Box::new(Trouble::Lapsed) }
}

/// Whether what came was unpacked on its way.
fn is_packed_form(there: &[u8], sent: &[u8]) -> bool {
    let mut unpacked = Vec::new();
    flate2::read::GzDecoder::new(sent).read_to_end(&mut unpacked).is_ok() && unpacked == there
}
