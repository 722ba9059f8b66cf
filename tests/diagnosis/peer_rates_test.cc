#include "diagnosis/peer_rates.h"

#include <gtest/gtest.h>

namespace spirogram::diagnosis {
namespace {

TEST(PeerRatesTest, ComparesWithRowsOfTheSameFrequency) {
  PeerRates peers;
  for (int i = 0; i < 100; ++i) peers.Add(i, i < 50 ? 0.001 : 0.1);
  peers.Sort();
  EXPECT_DOUBLE_EQ(peers.MedianFor(5), 0.001);
  EXPECT_DOUBLE_EQ(peers.MedianFor(95), 0.1);
  EXPECT_DOUBLE_EQ(peers.MedianFor(1'000), 0.1);
}

TEST(PeerRatesTest, PutsFewRowsInOneGroup) {
  PeerRates peers;
  peers.Add(1, 0.1);
  peers.Add(9, 0.3);
  peers.Add(5, 0.2);
  peers.Sort();
  EXPECT_EQ(peers.size(), 3u);
  EXPECT_DOUBLE_EQ(peers.MedianFor(0), 0.2);
  EXPECT_DOUBLE_EQ(peers.MedianFor(99), 0.2);
}

TEST(PeerRatesTest, GroupsOfEqualTouchesAreStillFound) {
  PeerRates peers;
  for (int i = 0; i < 200; ++i) peers.Add(7, 0.5);
  peers.Sort();
  EXPECT_DOUBLE_EQ(peers.MedianFor(7), 0.5);
  EXPECT_DOUBLE_EQ(peers.MedianFor(3), 0.5);
}

}  // namespace
}  // namespace spirogram::diagnosis
