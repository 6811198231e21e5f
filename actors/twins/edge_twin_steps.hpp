#pragma once

#include "actors/twins/edge_twins.hpp"

#include <functional>

namespace tidegate::edge_twin_steps {

// What the actor `edge_twins` does, in the parts it is written in. For its
// sources only.

using self_pointer = edge_twins_actor::stateful_pointer<edge_twins_state>;
using task = edge_twins_state::task;
/// Called when a job is over, however it ended.
using job_end = std::function<void()>;

/// What is known of a twin; nothing known, or not readable, is a new one.
twin::edge_twin known(const edge_twins_state& state, const identity_id& id);
/// Has a changed twin written.
void keep(self_pointer self, const identity_id& id, twin::edge_twin twin);
/// Whether it is a twin of the node itself, which lives by it.
bool is_own(const edge_twins_state& state, const identity_id& id);
bool wants_desired(const edge_twins_state& state, const identity_id& id);
std::chrono::milliseconds wall_now(const edge_twins_state& state);
twin_meters::duration since(self_pointer self,
                            edge_twins_state::time_point start);

// edge_twin_jobs.cpp: what is asked of the parent, a few at a time.

void enqueue(self_pointer self, task what, const identity_id& id);
void catch_up(self_pointer self, const upstream_ready& ready);
void lose_parent(edge_twins_state& state);
void resync_all(self_pointer self);
/// Has `resync_all` done after `wait` at the latest.
void resync_later(self_pointer self, std::chrono::milliseconds wait);

// edge_twin_desired.cpp: from the parent to the clients.

/// Has the whole twin read; those who ask meanwhile share the answer.
/// `tell_client`: what differs in desired properties is forwarded.
void fetch(self_pointer self, const identity_id& id, bool tell_client,
           std::function<void(const caf::error&)> then);
/// The parent is back: asks again what the end of its connection left open.
void fetch_once_more(self_pointer self);
/// It is not, and what waits for it has waited long enough.
void end_waiting(self_pointer self, const identity_id& id);
void take_desired(self_pointer self, const upstream_desired& news);
/// Reads a twin again whose changes were missed; one that is not cached has
/// nobody who would miss them.
void read_again(self_pointer self, const identity_id& id);
void follow(self_pointer self, const identity_id& id, const job_end& end);
/// Reads a twin again that is cached, unless it was read just now.
void resync(self_pointer self, const identity_id& id, const job_end& end);

// edge_twin_reported.cpp: from the clients to the parent.

/// Has what `id` has reported sent, now or as soon as that is allowed.
void wait_for_push(self_pointer self, const identity_id& id);
void push(self_pointer self, const identity_id& id, const job_end& end);

} // namespace tidegate::edge_twin_steps
