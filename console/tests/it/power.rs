//! Nothing accepted is lost when the power goes.
//!
//! The gateway's data lie on a file system of their own, in an image on a loop device. What is in
//! the image at some moment is what a disk would have kept at that moment: what the kernel still
//! holds for that file system is not in it. So the gateway is stopped, the image copied, and what is
//! found after a start from the copy compared with what was accepted before the stop.
//!
//! Needs root, loop devices, and mkfs.ext4; where they are missing the test says so and passes.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use pushcast_engine::client::pap::PapClient;
use pushcast_engine::model::{MessageState, StatusCode};
use pushcast_engine::pap::Response;

use crate::initiator::{later, octets, push};
use crate::lab::{Lab, channel};
use crate::process::{Process, free_port};
use crate::programs::{program, run};
use crate::random::Random;

/// Submitting at the same time: more than one is answered after the same sync.
const PIS: u64 = 8;
/// Times that the power goes.
const CUTS: u64 = 3;
/// Room for the data, nearly all of it a hole.
const IMAGE_BYTES: u64 = 128 << 20;

/// A file system, unmounted when dropped.
struct Mounted(PathBuf);

impl Mounted {
    fn new(image: &Path, folder: &Path) -> Result<Self, String> {
        run(program("mount").args(["-o", "loop"]).arg(image).arg(folder))?;
        Ok(Self(folder.to_owned()))
    }
}

impl Drop for Mounted {
    fn drop(&mut self) {
        if let Err(error) = run(program("umount").arg(&self.0)) {
            println!("left behind: {error}");
        }
    }
}

/// An image with an empty file system.
fn format(image: &Path) -> Result<(), String> {
    let file = std::fs::File::create(image).map_err(|error| error.to_string())?;
    file.set_len(IMAGE_BYTES)
        .map_err(|error| error.to_string())?;
    run(program("mkfs.ext4").arg("-q").arg(image)).map(drop)
}

/// Submits until told to stop, or until nobody answers.
async fn initiate(
    url: String,
    name: String,
    accepted: Arc<Mutex<Vec<String>>>,
    stop: Arc<AtomicBool>,
) {
    let client = PapClient::new(&url, None).unwrap();
    let client = client.with_timeout(Duration::from_secs(5));
    for number in 0.. {
        let push_id = format!("{name}-{number}@pi");
        let push = later(push(&push_id, None));
        let Ok(Response::Push(answer)) = client.submit(push, &octets(vec![7; 500])).await else {
            return;
        };
        assert_eq!(answer.code, StatusCode::Accepted.into(), "{answer:?}");
        accepted.lock().unwrap().push(push_id);
        if stop.load(Ordering::Relaxed) {
            return;
        }
    }
}

/// Cuts the power while pushes are accepted. Returns those that were accepted before, and the lab
/// with what its disk has kept.
async fn cut(
    lab: &Lab,
    image: &Path,
    disk: Mounted,
    name: &str,
    after: Duration,
) -> (Vec<String>, Mounted) {
    let gateway: Process = lab.start();
    let accepted = Arc::<Mutex<Vec<String>>>::default();
    let stop = Arc::<AtomicBool>::default();
    let initiators: Vec<_> = (0..PIS)
        .map(|pi| {
            let name = format!("{name}-{pi}");
            tokio::spawn(initiate(
                lab.url(),
                name,
                Arc::clone(&accepted),
                Arc::clone(&stop),
            ))
        })
        .collect();
    tokio::time::sleep(after).await;
    let id = Pid::from_raw(gateway.id().try_into().unwrap());
    kill(id, Signal::SIGSTOP).unwrap();
    let before = accepted.lock().unwrap().clone();
    let kept = image.with_extension("kept");
    std::fs::copy(image, &kept).unwrap();
    stop.store(true, Ordering::Relaxed);
    drop(gateway);
    for initiator in initiators {
        initiator.await.unwrap();
    }
    let folder = disk.0.clone();
    drop(disk);
    std::fs::rename(&kept, image).unwrap();
    (before, Mounted::new(image, &folder).unwrap())
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_accepted_is_there_after_a_power_cut() {
    let lab = Lab::new(&format!(
        "{}[[alias_group]]\nname = \"all\"\nchannels = [\"air\"]\n",
        channel("air", 21, free_port(), "")
    ));
    let (image, data) = (lab.path("disk"), lab.path("data"));
    std::fs::create_dir_all(&data).unwrap();
    let made = format(&image).and_then(|()| Mounted::new(&image, &data));
    let mut disk = match made {
        Ok(disk) => disk,
        Err(error) => {
            println!("SKIPPED a power cut: {error}");
            return;
        }
    };
    let seed = u64::from(std::process::id());
    println!("seed {seed}");
    let mut random = Random::new(seed);
    let mut accepted = Vec::new();
    for number in 0..CUTS {
        let after = Duration::from_millis(200 + random.below(1000));
        let (before, kept) = cut(&lab, &image, disk, &number.to_string(), after).await;
        assert!(!before.is_empty(), "nothing was accepted");
        println!("cut {number}: {} accepted before it", before.len());
        accepted.extend(before);
        disk = kept;
    }
    let _gateway = lab.start();
    let client = lab.client();
    for push_id in &accepted {
        let status = client
            .status(push_id.parse().unwrap(), Vec::new())
            .await
            .unwrap();
        let Response::StatusQuery(status) = status else {
            panic!("{status:?}")
        };
        let states: Vec<MessageState> = status.results.iter().map(|of| of.state).collect();
        assert_eq!(states, [MessageState::Pending], "{push_id}");
    }
}
