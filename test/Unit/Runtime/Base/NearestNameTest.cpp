#include "runtime/base/NearestName.h"
#include <gtest/gtest.h>
#include <string>

using namespace ph;

TEST(NearestName, FindsWhatWasMeant) {
  const std::string_view names[] = {"learning_rate", "lr_scheduler", "seed", "rl"};
  EXPECT_EQ(nearestName("learning_rat", names), "learning_rate");
  EXPECT_EQ(nearestName("learnin_gate", names), "learning_rate");
  EXPECT_EQ(nearestName("scheduler", names), "lr_scheduler");
  EXPECT_EQ(nearestName("sed", names), "seed");
  EXPECT_EQ(nearestName("quite_another_thing", names), "");
  EXPECT_EQ(nearestName("", names), "");
  EXPECT_EQ(nearestName(std::string(1 << 20, 'a'), names), "");
}
