#pragma once

#include "messages/ec.hpp"
#include "messages/store_messages.hpp"

#include <caf/actor_system.hpp>
#include <caf/send.hpp>
#include <caf/typed_event_based_actor.hpp>
#include <map>
#include <memory>
#include <vector>

/// A store and its reader in memory, as actors: what the tests of everything
/// that talks to the store need. Answers at once; `failing` refuses, and with
/// `holding` nobody is answered until `answer_held`.
struct memory_store {
  struct lane {
    tidegate::lane_status status;
    std::vector<tidegate::stored_block> blocks;
    caf::actor follower;
  };

  std::map<std::uint32_t, lane> lanes;
  caf::error failing;
  std::uint32_t next_id = 1;
  bool holding = false;
  std::vector<tidegate::append> held;
  std::size_t reads = 0; ///< of blocks

  lane& of(tidegate::lane_key key) {
    for (auto& [id, known] : lanes)
      if (known.status.key == key)
        return known;
    auto& made = lanes[next_id];
    made.status.id = tidegate::lane_id{next_id++};
    made.status.key = std::move(key);
    return made;
  }

  lane* of(tidegate::lane_id id) {
    const auto found = lanes.find(static_cast<std::uint32_t>(id));
    return found == lanes.end() ? nullptr : &found->second;
  }

  void store(const tidegate::lane_block& block) {
    auto& into = *of(block.lane);
    into.blocks.push_back({into.status.next, block.data});
    into.status.next += block.data->size();
    into.status.ledger.accepted += block.data->size();
    into.status.bytes += block.data->encoded().size();
    if (into.follower)
      caf::anon_send(into.follower,
                     tidegate::lane_stored{block.lane, {into.blocks.back()}});
  }

  caf::error append(const std::vector<tidegate::lane_block>& blocks) {
    if (failing)
      return failing;
    for (const auto& block : blocks)
      if (!of(block.lane))
        return tidegate::ec::lane_gone;
    for (const auto& block : blocks)
      store(block);
    return {};
  }

  void answer_held() {
    holding = false;
    for (const auto& wish : std::exchange(held, {}))
      caf::anon_send(wish.reply_to,
                     tidegate::append_done{wish.tag, append(wish.blocks)});
  }

  void settle(const tidegate::settle_lane& what) {
    auto* into = of(what.lane);
    if (!into || what.first != into->status.cursor)
      return;
    for (const auto& run : what.runs) {
      into->status.cursor += run.count;
      auto& ledger = into->status.ledger;
      (run.how == tidegate::outcome::delivered ? ledger.delivered
       : run.how == tidegate::outcome::expired ? ledger.expired
       : run.how == tidegate::outcome::evicted ? ledger.evicted
                                               : ledger.rejected)
        += run.count;
    }
  }

  tidegate::store_actor spawn_store(caf::actor_system& sys) {
    return sys.spawn([this](tidegate::store_actor::pointer)
                       -> tidegate::store_actor::behavior_type {
      return {
        [this](const tidegate::append& wish) {
          if (holding)
            return held.push_back(wish);
          caf::anon_send(wish.reply_to,
                         tidegate::append_done{wish.tag, append(wish.blocks)});
        },
        [this](const tidegate::settle_lane& what) { settle(what); },
        [this](const tidegate::drop_lane& what) {
          lanes.erase(static_cast<std::uint32_t>(what.lane));
        },
        [](const tidegate::lane_damaged&) {},
        [this](const tidegate::open_lane& wish)
          -> caf::result<tidegate::lane_status> {
          if (failing)
            return failing;
          return of(wish.key).status;
        },
        [this](const tidegate::follow_lane& wish)
          -> caf::result<tidegate::lane_status> {
          auto* followed = of(wish.lane);
          if (!followed)
            return tidegate::ec::lane_gone;
          followed->follower = wish.route;
          return followed->status;
        },
        [this](tidegate::get_lanes) {
          std::vector<tidegate::lane_status> all;
          for (const auto& [id, known] : lanes)
            all.push_back(known.status);
          return all;
        },
      };
    });
  }

  tidegate::lane_reader_actor spawn_reader(caf::actor_system& sys) {
    return sys.spawn([this](tidegate::lane_reader_actor::pointer)
                       -> tidegate::lane_reader_actor::behavior_type {
      return {
        [this](const tidegate::read_lane& wish) {
          ++reads;
          tidegate::lane_stored answer{wish.lane, {}};
          std::size_t size = 0;
          if (const auto* known = of(wish.lane)) {
            for (const auto& block : known->blocks) {
              if (block.end() <= wish.from || size >= wish.max_bytes)
                continue;
              size += block.data->encoded().size();
              answer.blocks.push_back(block);
            }
          }
          return answer;
        },
        [this](const tidegate::weigh_lane& wish) {
          std::uint64_t sum = 0;
          if (const auto* known = of(wish.lane))
            for (const auto& block : known->blocks)
              if (block.first >= wish.from && block.first < wish.end)
                sum += block.data->encoded().size();
          return tidegate::lane_weight{sum};
        },
        [this](const tidegate::find_newest& wish) {
          tidegate::lane_place place;
          std::uint64_t sum = 0;
          if (const auto* known = of(wish.lane)) {
            place.offset = known->status.next;
            for (auto at = known->blocks.rbegin();
                 at != known->blocks.rend()
                 && at->first >= known->status.cursor;
                 ++at) {
              sum += at->data->encoded().size();
              if (sum > wish.bytes)
                break;
              place.offset = at->first;
            }
          }
          return place;
        },
      };
    });
  }
};
