#include "storage/availability_checkpoint.hpp"

#include "support/temporary_folder.hpp"

#include <catch2/catch.hpp>
#include <fstream>

using namespace tidegate;

TEST_CASE("a checkpoint of the agent's life is kept", "[storage]") {
  const temporary_folder folder;
  const availability_checkpoint subject{folder.path()};
  CHECK_FALSE(subject.load());
  const availability_checkpoint::time now{
    std::chrono::milliseconds{1'767'323'045'678}};
  subject.save(now);
  CHECK(subject.load() == now);
  std::int64_t ticks = 0;
  std::ifstream{folder.path() / "availability" / "avaliability.checkpoint"}
    >> ticks;
  CHECK(ticks == 639'029'198'456'780'000);
  subject.remove();
  CHECK_FALSE(subject.load());
}
