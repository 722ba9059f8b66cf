#include "trainer/click_log.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>
#include <span>
#include <string_view>

#include "base/str.h"
#include "trainer/metrics.h"
#include "trainer/random.h"

namespace spirogram::trainer {
namespace {

constexpr size_t kFactors = 8;
constexpr double kNewUserWeight = 0.25;  // how often a new user appears, against a returning one
// Weights of the parts of the click's logit.
constexpr double kAffinityWeight = 1.2;
constexpr double kItemDeviation = 0.7;
constexpr double kUserDeviation = 0.6;
constexpr double kNewUserBias = -0.4;
constexpr double kBias = -1.2;

using Factors = std::array<double, kFactors>;

std::vector<Factors> DrawFactors(size_t count, double deviation, Random& random) {
  std::normal_distribution<double> normal(0, deviation);
  std::vector<Factors> factors(count);
  for (Factors& f : factors) std::generate(f.begin(), f.end(), [&] { return normal(random); });
  return factors;
}

// Adds to each entity the factors of its group (a user's city or taste, an item's category or
// style).
void AddGroupFactors(const std::vector<Factors>& groups, std::span<const int32_t> group_of,
                     std::vector<Factors>* entities) {
  for (size_t i = 0; i < entities->size(); ++i) {
    const Factors& group = groups[static_cast<size_t>(group_of[i])];
    for (size_t f = 0; f < kFactors; ++f) (*entities)[i][f] += group[f];
  }
}

std::vector<int32_t> DrawGroups(int entities, int groups, Random& random) {
  std::uniform_int_distribution<int32_t> group(0, groups - 1);
  std::vector<int32_t> drawn(static_cast<size_t>(entities));
  for (int32_t& g : drawn) g = group(random);
  return drawn;
}

// Weight 1 / rank^exponent; the ranks are shuffled, so that ids say nothing of popularity.
std::vector<double> ZipfWeights(int count, double exponent, Random& random) {
  std::vector<double> weights(static_cast<size_t>(count));
  for (size_t i = 0; i < weights.size(); ++i) {
    weights[i] = std::pow(static_cast<double>(i + 1), -exponent);
  }
  std::shuffle(weights.begin(), weights.end(), random);
  return weights;
}

std::vector<int> Deciles(std::span<const int32_t> ids, size_t entities) {
  std::vector<int> counts(entities);
  for (const int32_t id : ids) ++counts[static_cast<size_t>(id)];
  std::vector<size_t> order(entities);
  std::iota(order.begin(), order.end(), size_t{0});
  std::stable_sort(order.begin(), order.end(),
                   [&](size_t a, size_t b) { return counts[a] < counts[b]; });
  std::vector<int> deciles(entities);
  for (size_t rank = 0; rank < entities; ++rank) {
    deciles[order[rank]] = static_cast<int>(rank * 10 / entities);
  }
  return deciles;
}

Status Check(const ClickLogOptions& o) {
  const auto at_least = [](const char* name, int got, int want) -> Status {
    if (got >= want) return {};
    return InvalidArgument(StrCat("click log: ", name, ": got ", got, ", want at least ", want));
  };
  RETURN_IF_ERROR(at_least("users", o.users, 10));
  RETURN_IF_ERROR(at_least("items", o.items, 10));
  RETURN_IF_ERROR(at_least("cities", o.cities, 1));
  RETURN_IF_ERROR(at_least("categories", o.categories, 1));
  RETURN_IF_ERROR(at_least("impressions", o.impressions, 100));
  if (!(o.validation_share > 0 && o.validation_share < 1)) {
    return InvalidArgument(StrCat("click log: validation_share: got ", o.validation_share,
                                  ", want more than 0 and less than 1"));
  }
  return {};
}

struct World {
  std::vector<Factors> user_factors;
  std::vector<Factors> item_factors;
  std::vector<float> user_bias;
  std::vector<float> item_bias;

  double ClickProbability(size_t user, size_t item) const {
    const Factors& u = user_factors[user];
    const double affinity = std::inner_product(u.begin(), u.end(), item_factors[item].begin(), 0.0);
    const double logit = kAffinityWeight * affinity / std::sqrt(static_cast<double>(kFactors)) +
                         user_bias[user] + item_bias[item] + kBias;
    return 1 / (1 + std::exp(-logit));
  }
};

// Draws cities, categories, tastes, styles and all else that decides about clicks; fills the log's
// entity columns.
World DrawWorld(const ClickLogOptions& o, ClickLog* log) {
  Random random = RandomStream(o.seed, "click_log/world");
  log->user_city = DrawGroups(o.users, o.cities, random);
  log->item_category = DrawGroups(o.items, o.categories, random);
  World world;
  world.user_factors = DrawFactors(static_cast<size_t>(o.users), 0.3, random);
  world.item_factors = DrawFactors(static_cast<size_t>(o.items), 0.3, random);
  AddGroupFactors(DrawFactors(static_cast<size_t>(o.cities), 0.8, random), log->user_city,
                  &world.user_factors);
  AddGroupFactors(DrawFactors(static_cast<size_t>(o.categories), 0.9, random), log->item_category,
                  &world.item_factors);
  log->user_taste = DrawGroups(o.users, kTastes, random);
  log->item_style = DrawGroups(o.items, kStyles, random);
  AddGroupFactors(DrawFactors(kTastes, 1.0, random), log->user_taste, &world.user_factors);
  AddGroupFactors(DrawFactors(kStyles, 1.0, random), log->item_style, &world.item_factors);
  world.user_bias = NormalValues(static_cast<size_t>(o.users), kUserDeviation, random);
  world.item_bias = NormalValues(static_cast<size_t>(o.items), kItemDeviation, random);
  std::bernoulli_distribution is_new(o.new_user_share);
  log->user_is_new.resize(static_cast<size_t>(o.users));
  for (size_t u = 0; u < log->user_is_new.size(); ++u) {
    log->user_is_new[u] = is_new(random);
    if (log->user_is_new[u]) world.user_bias[u] += static_cast<float>(kNewUserBias);
  }
  return world;
}

constexpr std::string_view kCities[] = {
    "Oslo",     "Lima",     "Kyoto",  "Accra",   "Turin",  "Quito",   "Porto",   "Hanoi",
    "Dakar",    "Perth",    "Leeds",  "Basel",   "Cusco",  "Izmir",   "Lagos",   "Malmo",
    "Miami",    "Mumbai",   "Nantes", "Osaka",   "Padua",  "Pune",    "Riga",    "Rosario",
    "Salta",    "Seoul",    "Sofia",  "Split",   "Taipei", "Tampere", "Tbilisi", "Tunis",
    "Utrecht",  "Valencia", "Vienna", "Vilnius", "Warsaw", "Wuhan",   "Yerevan", "Zagreb",
    "Adelaide", "Antwerp",  "Bergen", "Bogota",  "Cork",   "Denver",  "Ghent",   "Graz",
    "Helsinki", "Innsbruck"};

constexpr std::string_view kCategories[] = {
    "Books", "Music", "Garden", "Toys",  "Shoes",  "Coffee", "Games",  "Films", "Tools", "Sport",
    "Art",   "Baby",  "Travel", "Phone", "Camera", "Pets",   "Office", "Bikes", "Tea",   "Jewels"};

constexpr std::string_view kTasteNames[] = {"readers",   "athletes", "gamers",
                                            "gardeners", "cooks",    "travellers"};
static_assert(std::size(kTasteNames) == kTastes);

constexpr std::string_view kStyleNames[] = {"plain",   "vintage",   "sporty", "lavish",
                                            "playful", "technical", "rustic", "elegant"};
static_assert(std::size(kStyleNames) == kStyles);

}  // namespace

Result<ClickLog> GenerateClickLog(const ClickLogOptions& options) {
  RETURN_IF_ERROR(Check(options));
  ClickLog log;
  const World world = DrawWorld(options, &log);
  Random random = RandomStream(options.seed, "click_log/impressions");
  std::vector<double> user_weights = ZipfWeights(options.users, options.user_zipf, random);
  for (size_t u = 0; u < user_weights.size(); ++u) {
    if (log.user_is_new[u]) user_weights[u] *= kNewUserWeight;
  }
  const std::vector<double> item_weights = ZipfWeights(options.items, options.item_zipf, random);
  std::discrete_distribution<int32_t> draw_user(user_weights.begin(), user_weights.end());
  std::discrete_distribution<int32_t> draw_item(item_weights.begin(), item_weights.end());
  std::uniform_real_distribution<double> uniform(0, 1);
  for (int i = 0; i < options.impressions; ++i) {
    const int32_t user = draw_user(random);
    const int32_t item = draw_item(random);
    const double p = world.ClickProbability(static_cast<size_t>(user), static_cast<size_t>(item));
    log.user.push_back(user);
    log.item.push_back(item);
    log.label.push_back(uniform(random) < p ? 1.0f : 0.0f);
    log.click_probability.push_back(static_cast<float>(p));
  }
  log.train_count = static_cast<size_t>(options.impressions * (1 - options.validation_share));
  log.user_activity_decile = Deciles(log.user, static_cast<size_t>(options.users));
  log.item_popularity_decile = Deciles(log.item, static_cast<size_t>(options.items));
  return log;
}

double BayesAuc(const ClickLog& log) {
  return AreaUnderRoc(std::span(log.click_probability).subspan(log.train_count),
                      std::span(log.label).subspan(log.train_count));
}

std::string CityName(int city) {
  const auto index = static_cast<size_t>(city);
  if (index < std::size(kCities)) return std::string(kCities[index]);
  return StrCat("City ", city + 1);
}

std::string CategoryName(int category) {
  const auto index = static_cast<size_t>(category);
  if (index < std::size(kCategories)) return std::string(kCategories[index]);
  return StrCat("Category ", category + 1);
}

std::string TasteName(int taste) {
  return std::string(kTasteNames[static_cast<size_t>(taste)]);
}

std::string StyleName(int style) {
  return std::string(kStyleNames[static_cast<size_t>(style)]);
}

}  // namespace spirogram::trainer
