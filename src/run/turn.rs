//! Runs of one concurrency group take turns, across all processes that work in one project.
//!
//! A turn is an OS lock on a file, so it ends with the process that holds it, however that ends. Beside
//! the lock lies a card: who holds it, and a port of this machine where its holder listens, so that a
//! newcomer can ask it to cancel and nobody has to look again and again. A second lock, the door, is
//! held only while a card is written, read or torn up.

use crate::record::private_file;
use fs2::FileExt;
use serde::{Deserialize, Serialize};
use std::{
    collections::hash_map::RandomState,
    fs::{self, File, OpenOptions},
    hash::{BuildHasher, Hasher},
    io::{self, BufRead, BufReader, Write},
    net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream},
    path::{Path, PathBuf},
    process, thread,
    time::Duration,
};

/// How long the other side of a connection on this machine may take; it answers at once or never.
const PATIENCE: Duration = Duration::from_secs(2);

/// Somebody who takes turns.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Holder {
    pub run_id: String,
    pub process: u32,
}

impl Holder {
    pub fn of(run_id: &str) -> Self {
        Self { run_id: run_id.to_owned(), process: process::id() }
    }
}

/// What lies beside a lock that is held.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Card {
    group: String,
    #[serde(flatten)]
    holder: Holder,
    port: u16,
    /// Only who can read the card may ask its holder for something.
    token: String,
}

/// What is said to a holder. Without `by` it comes from itself: the turn is over.
#[derive(Debug, Serialize, Deserialize)]
struct Word {
    token: String,
    by: Option<Holder>,
}

/// What happens to somebody who takes turns.
pub(super) trait Player: Send + 'static {
    /// The turn is another's for now; who that is, where it is known.
    fn waits(&self, holder: Option<&Holder>);
    /// The turn has come. False gives it back at once.
    fn begins(&self, turn: Turn) -> bool;
    /// The turn cannot be taken.
    fn fails(&self, path: &Path, error: &io::Error);
    /// Another run wants this one to end.
    fn is_asked_to_end(&self, by: &Holder);
}

/// A turn that has come. Over when dropped.
#[derive(Debug)]
pub(super) struct Turn {
    port: u16,
    token: String,
}

impl Drop for Turn {
    fn drop(&mut self) {
        // Its keeper hears this, tears up the card and opens the lock.
        let _ = say(self.port, &Word { token: self.token.clone(), by: None });
    }
}

/// The files of one group.
struct Place {
    lock: PathBuf,
    door: PathBuf,
    card: PathBuf,
    /// A wish that found no card to ask: whoever holds the lock next but the wisher is to end.
    wish: PathBuf,
}

impl Place {
    fn new(folder: &Path, group: &str) -> Self {
        // GitHub's groups do not mind case either.
        let name = blake3::hash(group.to_lowercase().as_bytes()).to_hex();
        let file = |kind: &str| folder.join(format!("{}.{kind}", &name[..32]));
        Self { lock: file("lock"), door: file("door"), card: file("card"), wish: file("wish") }
    }

    fn open(path: &Path) -> io::Result<File> {
        OpenOptions::new().create(true).truncate(false).read(true).write(true).open(path)
    }

    fn through_the_door<T>(&self, act: impl FnOnce() -> io::Result<T>) -> io::Result<T> {
        let door = Self::open(&self.door)?;
        door.lock_exclusive()?;
        act()
    }

    fn read<T: for<'de> Deserialize<'de>>(path: &Path) -> Option<T> {
        serde_json::from_slice(&fs::read(path).ok()?).ok()
    }
}

/// Takes a turn in the background, on a thread that stays with it until it is over.
///
/// # Errors
/// What the system says when it gives no thread.
pub(super) fn take(
    folder: PathBuf,
    group: String,
    cancel_in_progress: bool,
    own: Holder,
    player: impl Player,
) -> io::Result<()> {
    thread::Builder::new().name("aither-turn".into()).spawn(move || {
        let place = Place::new(&folder, &group);
        let taken = fs::create_dir_all(&folder)
            .and_then(|()| keep(&place, &group, cancel_in_progress, &own, &player));
        if let Err(error) = taken {
            player.fails(&place.lock, &error);
        }
    })?;
    Ok(())
}

fn keep(
    place: &Place,
    group: &str,
    cancel_in_progress: bool,
    own: &Holder,
    player: &impl Player,
) -> io::Result<()> {
    let lock = Place::open(&place.lock)?;
    let is_free = place.through_the_door(|| match lock.try_lock_exclusive() {
        Ok(()) => Ok(true),
        Err(error) if error.raw_os_error() != fs2::lock_contended_error().raw_os_error() => Err(error),
        Err(_) => {
            let card: Option<Card> = Place::read(&place.card);
            player.waits(card.as_ref().map(|card| &card.holder));
            if cancel_in_progress {
                let asked = card.is_some_and(|card| {
                    say(card.port, &Word { token: card.token, by: Some(own.clone()) }).is_ok()
                });
                if !asked {
                    fs::write(&place.wish, serde_json::to_vec(own)?)?;
                }
            }
            Ok(false)
        }
    })?;
    if !is_free {
        lock.lock_exclusive()?;
    }
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
    let token = token();
    let port = listener.local_addr()?.port();
    let card = Card { group: group.to_owned(), holder: own.clone(), port, token: token.clone() };
    let wish = place.through_the_door(|| {
        let file = private_file().create(true).truncate(true).write(true).open(&place.card);
        file?.write_all(&serde_json::to_vec(&card)?)?;
        let wish: Option<Holder> = Place::read(&place.wish);
        let _ = fs::remove_file(&place.wish);
        Ok(wish.filter(|wish| wish != own))
    })?;
    if player.begins(Turn { port, token: token.clone() }) {
        if let Some(by) = wish {
            player.is_asked_to_end(&by);
        }
        listen(&listener, &token, player);
    }
    place.through_the_door(|| {
        let _ = fs::remove_file(&place.card);
        FileExt::unlock(&lock)
    })
}

/// Hears what others want, until the turn is over.
fn listen(listener: &TcpListener, token: &str, player: &impl Player) {
    while let Ok((stream, _)) = listener.accept() {
        let mut line = String::new();
        let heard = stream
            .set_read_timeout(Some(PATIENCE))
            .and_then(|()| BufReader::new(io::Read::take(stream, 4_096)).read_line(&mut line));
        let word = heard.ok().and_then(|_| serde_json::from_str::<Word>(&line).ok());
        match word.filter(|word| word.token == token) {
            Some(Word { by: None, .. }) => return,
            Some(Word { by: Some(by), .. }) => player.is_asked_to_end(&by),
            None => {}
        }
    }
}

fn say(port: u16, word: &Word) -> io::Result<()> {
    let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
    let mut stream = TcpStream::connect_timeout(&address, PATIENCE)?;
    stream.set_write_timeout(Some(PATIENCE))?;
    let mut line = serde_json::to_vec(word)?;
    line.push(b'\n');
    stream.write_all(&line)
}

/// 128 random bits.
fn token() -> String {
    let random = || RandomState::new().build_hasher().finish();
    format!("{:016x}{:016x}", random(), random())
}
