#include "messages/twin/edge_twin.hpp"
#include "messages/twin/hub_twin.hpp"
#include "messages/twin/rules.hpp"

#include <boost/json/parse.hpp>

using namespace tidegate;

/// A reported patch, at a hub and at a gateway; and the same text as what a
/// parent sends, which is trusted less than it deserves.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data,
                                      std::size_t size) {
  const std::string_view text{reinterpret_cast<const char*>(data), size};
  twin::edge_twin edge;
  if (auto twin = twin::client_twin_of(text))
    (void)twin::take_full(edge, std::move(*twin), {});
  if (const auto patch = twin::desired_patch_of(text);
      patch
      && twin::step_for(edge, *patch) == twin::desired_step::merge_and_forward)
    twin::merge_desired(edge, *patch);
  const auto patch = twin::read_patch(text);
  if (!patch)
    return 0;
  twin::hub_twin hub;
  if (twin::report(hub, *patch, "now") || twin::report(edge, *patch))
    return 0;
  const auto hub_again = twin::hub_twin_of(twin::to_document(hub));
  const auto edge_again = twin::edge_twin_of(twin::to_document(edge));
  if (!hub_again || *hub_again != hub || !edge_again || *edge_again != edge)
    __builtin_trap();
  for (const auto& part : edge.pending.parts(100))
    if (boost::json::parse(part).as_object().empty())
      __builtin_trap();
  return 0;
}
