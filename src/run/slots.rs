//! Who may start now: the jobs that are ready, and the room there is for them.

use super::graph::{Graph, Node};
use std::{cmp::Reverse, collections::BinaryHeap};

/// The queue of ready jobs and the places taken by running ones.
///
/// A job stays in the queue when it is cancelled; whoever asks says which ones still wait.
#[derive(Debug, Clone)]
pub(super) struct Slots {
    /// Jobs that may start, lowest position first, so that the order is the plan's.
    ready: BinaryHeap<Reverse<usize>>,
    /// Jobs that may start as soon as their group has room.
    parked: Vec<BinaryHeap<Reverse<usize>>>,
    in_lane: Vec<usize>,
    running: usize,
    /// A job runs that wants nothing beside it.
    alone: bool,
}

impl Slots {
    pub fn new(graph: &Graph) -> Self {
        let lanes = graph.lanes.len();
        Self {
            ready: BinaryHeap::new(),
            parked: vec![BinaryHeap::new(); lanes],
            in_lane: vec![0; lanes],
            running: 0,
            alone: false,
        }
    }

    /// Takes in groups that have come since.
    pub fn grow(&mut self, graph: &Graph) {
        let lanes = graph.lanes.len();
        self.parked.resize_with(lanes, BinaryHeap::new);
        self.in_lane.resize(lanes, 0);
    }

    /// How many jobs have taken a place.
    pub fn running(&self) -> usize {
        self.running
    }

    /// Puts a job into the queue.
    pub fn push(&mut self, node: usize) {
        self.ready.push(Reverse(node));
    }

    /// The next job that may start, which has then taken its place.
    pub fn take(&mut self, graph: &Graph, waits: impl Fn(usize) -> bool) -> Option<usize> {
        while self.running < graph.max_concurrency && !self.alone {
            let Reverse(node) = self.ready.pop()?;
            if !waits(node) {
                // It was cancelled meanwhile; the room that it had been woken for is another's.
                self.unpark(node, None, graph, &waits);
                continue;
            }
            let Node { alone, lanes, .. } = &graph.nodes[node];
            if let Some(full) = lanes.iter().copied().find(|lane| self.is_full(*lane, graph)) {
                self.parked[full].push(Reverse(node));
                self.unpark(node, Some(full), graph, &waits);
                continue;
            }
            if *alone && self.running > 0 {
                // It waits for the others to end, and nothing overtakes it.
                self.ready.push(Reverse(node));
                return None;
            }
            self.alone = *alone;
            self.running += 1;
            for lane in lanes {
                self.in_lane[*lane] += 1;
            }
            return Some(node);
        }
        None
    }

    /// Gives a job's place back.
    pub fn leave(&mut self, node: usize, graph: &Graph, waits: impl Fn(usize) -> bool) {
        self.running -= 1;
        self.alone = false;
        for lane in &graph.nodes[node].lanes {
            self.in_lane[*lane] -= 1;
        }
        self.unpark(node, None, graph, &waits);
    }

    fn is_full(&self, lane: usize, graph: &Graph) -> bool {
        self.in_lane[lane] >= graph.lanes[lane]
    }

    /// Room for one in the lanes of a job that has left, or that had to park in another lane: the
    /// first there that still waits may try.
    fn unpark(&mut self, node: usize, except: Option<usize>, graph: &Graph, waits: &impl Fn(usize) -> bool) {
        for &lane in graph.nodes[node].lanes.iter().filter(|lane| Some(**lane) != except) {
            if self.is_full(lane, graph) {
                continue;
            }
            while let Some(Reverse(next)) = self.parked[lane].pop() {
                if waits(next) {
                    self.ready.push(Reverse(next));
                    break;
                }
            }
        }
    }
}
