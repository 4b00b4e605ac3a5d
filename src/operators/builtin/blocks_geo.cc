// Features of places: pairs of latitude and longitude.
#include "operators/builtin/feature_block.h"
#include "operators/builtin/python_text.h"

namespace treesmith {
namespace {

constexpr std::string_view kImpossible = R"py(
def drop_impossible_places(train, target):
    """Leave out training rows that lie far outside all usual places."""
    possible = pd.Series(True, index=train.index)
    for column in itertools.chain(*PLACES):
        low, high = train[column].quantile([0.005, 0.995])
        reach = 2 * (high - low)
        near = train[column].between(low - reach, high + reach)
        # A place that is not known is not an impossible one.
        possible &= near | train[column].isna()
    return train[possible]
)py";

constexpr std::string_view kDistances = R"py(
def add_distances(table):
    """Way and direction from each place to the next."""
    new = {}
    for (lat1, lon1), (lat2, lon2) in itertools.combinations(PLACES, 2):
        name = f"{lat1} to {lat2}"
        a, b = np.radians(table[lat1]), np.radians(table[lat2])
        north = b - a
        east = np.radians(table[lon2] - table[lon1])
        half = np.sin(north / 2) ** 2 + np.cos(a) * np.cos(b) * np.sin(east / 2) ** 2
        new[f"{name} km"] = 12742 * np.arcsin(np.sqrt(half.clip(0, 1)))
        width = east * np.cos((a + b) / 2)
        new[f"{name} blocks"] = 6371 * (north.abs() + width.abs())
        new[f"{name} north"] = 6371 * north
        new[f"{name} east"] = 6371 * width
        new[f"{name} bearing"] = np.arctan2(width, north)
    return pd.concat([table, pd.DataFrame(new, index=table.index)], axis=1)
)py";

constexpr std::string_view kRotations = R"py(
def rotate_places(table):
    """Coordinates along turned axes: streets and coasts seldom run north."""
    new = {}
    for lat, lon in PLACES:
        for degrees in (15, 30, 45, 60, 75):
            angle = np.radians(degrees)
            turned = table[lat] * np.cos(angle) + table[lon] * np.sin(angle)
            new[f"{lat} at {degrees}"] = turned
    return pd.concat([table, pd.DataFrame(new, index=table.index)], axis=1)
)py";

constexpr std::string_view kCells = R"py(
def add_cells(table):
    """The district of each place, and the way to the busiest districts."""
    points = [table[place].set_axis(["lat", "lon"], axis=1) for place in PLACES]
    known = pd.concat(points).dropna()
    # Few wild coordinates would take centres for themselves.
    low, high = known.quantile(0.001), known.quantile(0.999)
    known = known.clip(low, high, axis=1)
    model = MiniBatchKMeans(60, random_state=1, n_init=2, batch_size=4096).fit(known)
    busiest = np.bincount(model.labels_, minlength=60).argsort()[::-1][:12]
    new = {}
    for point, (lat, _) in zip(points, PLACES):
        point = point.fillna(known.median()).clip(low, high, axis=1)
        away = model.transform(point)
        new[f"{lat} cell"] = model.predict(point).astype(str)
        new[f"{lat} to centre"] = away.min(axis=1)
        for k, centre in enumerate(busiest):
            new[f"{lat} to centre {k}"] = away[:, centre]
    return pd.concat([table, pd.DataFrame(new, index=table.index)], axis=1)
)py";

constexpr std::string_view kRounded = R"py(
def round_places(table):
    """Small squares as names, with how many rows lie in each."""
    new = {}
    for lat, lon in PLACES:
        square = table[lat].round(2).astype(str) + " " + table[lon].round(2).astype(str)
        new[f"{lat} square"] = square
        new[f"{lat} square rows"] = square.map(square.value_counts()).astype(float)
    return pd.concat([table, pd.DataFrame(new, index=table.index)], axis=1)
)py";

constexpr std::string_view kNeighbours = R"py(
def add_places_nearby(table, signal):
    """Mean target of the other rows nearest in place, never of the row itself."""
    n = len(signal)
    new = {}
    for k, place in enumerate(PLACES):
        points = table[place].fillna(table[place].median()).to_numpy()
        tree = cKDTree(points[:n])
        _, near = tree.query(points, k=min(21, n))
        # Twins of place may come before the row itself: it is taken out by name.
        own = near[:n] == np.arange(n)[:, None]
        own[~own.any(axis=1), -1] = True
        train_near = near[:n][~own].reshape(n, -1)
        near = np.vstack([train_near, near[n:, : train_near.shape[1]]])
        for output in range(signal.shape[1]):
            values = signal[near, output]
            new[f"place{k}_target{output}"] = values.mean(axis=1)
            new[f"place{k}_next{output}"] = values[:, :5].mean(axis=1)
    return pd.concat([table, pd.DataFrame(new, index=table.index)], axis=1)
)py";

bool HasPlaces(const TaskFacts& facts, const Recipe& /*recipe*/) {
  return !facts.coordinates.empty();
}

bool HasWays(const TaskFacts& facts, const Recipe& /*recipe*/) {
  return facts.coordinates.size() >= 2;
}

bool CanLoseRows(const TaskFacts& facts, const Recipe& recipe) {
  return HasPlaces(facts, recipe) && facts.rows > 2000;
}

bool NamesFit(const TaskFacts& facts, const Recipe& recipe) {
  return HasPlaces(facts, recipe) && UsesTrees(recipe) && facts.rows > 2000;
}

}  // namespace

std::span<const FeatureBlock> GeoBlocks() {
  static const std::vector<FeatureBlock> blocks = {
      {.name = "clean.impossible-places",
       .stage = BlockStage::kRows,
       .function = "drop_impossible_places",
       .reason = "Rows at impossible places teach nothing about real ones.",
       .imports = {"import itertools"},
       .source = kImpossible,
       .fits = CanLoseRows,
       .prior = {.gain = 0.3}},
      {.name = "feature.geo-distances",
       .function = "add_distances",
       .reason = "How far and whither is what coordinates stand for.",
       .imports = {"import itertools"},
       .source = kDistances,
       .fits = HasWays,
       .prior = {.gain = 4, .cost = 1.3}},
      {.name = "feature.geo-rotations",
       .function = "rotate_places",
       .reason = "Trees cut along axes; turned axes let them cut aslant.",
       .source = kRotations,
       .fits = HasPlaces,
       .prior = {.gain = 1, .cost = 1.3}},
      {.name = "feature.geo-cells",
       .function = "add_cells",
       .reason =
           "Districts and the way to the busy ones mean more than degrees.",
       .imports = {"from sklearn.cluster import MiniBatchKMeans"},
       .source = kCells,
       .fits = HasPlaces,
       .prior = {.gain = 0.8, .cost = 1.6}},
      {.name = "feature.geo-squares",
       .function = "round_places",
       .reason = "How much goes on around a place tells what it is.",
       .source = kRounded,
       .fits = NamesFit,
       .prior = {.gain = 0.2, .cost = 1.2}},
      {.name = "feature.geo-neighbours",
       .stage = BlockStage::kSupervised,
       .function = "add_places_nearby",
       .reason = "What lies close by has a like target.",
       .imports = {"from scipy.spatial import cKDTree"},
       .source = kNeighbours,
       .fits = HasPlaces,
       .prior = {.gain = 1, .cost = 1.3}},
  };
  return blocks;
}

}  // namespace treesmith
