#include "messages/error_text.hpp"
#include "runtime/commands/commands.hpp"
#include "runtime/commands/table.hpp"
#include "runtime/config/config.hpp"
#include "storage/lane_audit.hpp"

#include <boost/json.hpp>
#include <cstdio>
#include <memory>

namespace tidegate {

namespace {

namespace json = boost::json;

struct audit_options {
  std::string config_file = "/etc/tidegate/tidegate.toml";
  bool json = false;
};

json::object lane_document(const lane_audit& one) {
  const auto& lane = one.lane.status;
  const auto& ledger = lane.ledger;
  json::array findings;
  for (const auto& finding : one.findings)
    findings.emplace_back(finding);
  return {{"lane", static_cast<std::uint32_t>(lane.id)},
          {"sink", lane.key.sink},
          {"priority", lane.key.priority},
          {"onFull", to_string(lane.key.full)},
          {"dropped", one.lane.dropped},
          {"accepted", ledger.accepted},
          {"delivered", ledger.delivered},
          {"pending", one.present},
          {"expired", ledger.expired},
          {"evicted", ledger.evicted},
          {"rejected", ledger.rejected},
          {"damaged", ledger.damaged},
          {"balanced", one.balanced()},
          {"findings", std::move(findings)}};
}

void print_lanes(const std::vector<lane_audit>& all) {
  table rows{{"LANE", "SINK", "PRIORITY", "ACCEPTED", "DELIVERED", "PENDING",
              "EXPIRED", "EVICTED", "REJECTED", "DAMAGED", "BALANCED"}};
  for (const auto& one : all) {
    const auto& lane = one.lane.status;
    const auto& ledger = lane.ledger;
    const auto text = [](std::uint64_t n) { return std::to_string(n); };
    rows.add({text(static_cast<std::uint32_t>(lane.id)),
              lane.key.sink + (one.lane.dropped ? " (dropped)" : ""),
              lane.key.priority == default_priority ? "default"
                                                    : text(lane.key.priority),
              text(ledger.accepted), text(ledger.delivered), text(one.present),
              text(ledger.expired), text(ledger.evicted), text(ledger.rejected),
              text(ledger.damaged), one.balanced() ? "yes" : "NO"});
  }
  std::fputs(rows.text().c_str(), stdout);
  for (const auto& one : all)
    for (const auto& finding : one.findings)
      std::printf("lane %u: %s\n", static_cast<unsigned>(one.lane.status.id),
                  finding.c_str());
}

int audit(const audit_options& with) {
  const auto loaded = load_config(with.config_file);
  for (const auto& error : loaded.errors)
    std::fprintf(stderr, "tidegate: %s\n", to_string(error).c_str());
  if (!loaded.errors.empty())
    return 2;
  database_options options;
  options.path = loaded.value.node.data / "store";
  options.read_only = true;
  const auto opened = database::open(options);
  if (!opened) {
    std::fprintf(stderr, "tidegate: %s\n", error_text(opened.error()).c_str());
    return 1;
  }
  const auto all = audit_lanes(**opened);
  if (!all) {
    std::fprintf(stderr, "tidegate: %s\n", error_text(all.error()).c_str());
    return 1;
  }
  bool balanced = true;
  json::array lanes;
  for (const auto& one : *all) {
    balanced = balanced && one.balanced();
    lanes.emplace_back(lane_document(one));
  }
  if (with.json)
    std::printf("%s\n",
                json::serialize(json::object{{"balanced", balanced},
                                             {"lanes", std::move(lanes)}})
                  .c_str());
  else
    print_lanes(*all);
  return balanced ? 0 : 1;
}

} // namespace

void add_audit_command(CLI::App& app, int& code) {
  auto* command = app.add_subcommand(
    "audit", "Prove from disk that no message is unaccounted for; works "
             "beside a running node and after a crash");
  auto with = std::make_shared<audit_options>();
  command
    ->add_option("--config,-c", with->config_file, "the node's configuration")
    ->capture_default_str();
  command->add_flag("--json", with->json, "print JSON");
  command->callback([with, &code] { code = audit(*with); });
}

} // namespace tidegate
