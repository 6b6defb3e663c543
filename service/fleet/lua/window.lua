-- The sliding window of service/sliding_window.py: a list of stamps, the oldest first, never longer than the limit.
-- Stamps are milliseconds modulo 2^31 (25 days), in the four bytes that a list packs best.
local SPAN = 2147483648

-- For how long a stamp has been there, by its place; nothing if there is none. One that lies ahead, since Redis' clock
-- was set back, has just come.
local function age(key, place)
  local stamp = look('LINDEX', key, place)
  if not stamp then return nil end
  if not tonumber(stamp) then
    discard(key)
    return nil
  end
  local passed = (now - stamp) % SPAN
  return passed < SPAN / 2 and passed or 0
end

-- How many stamps have left the window: seldom more than one, so the second is looked at before any search.
local function expired(key, window)
  local second = age(key, 1)
  if not second or second <= window then return 1 end
  local low, high = 2, redis.call('LLEN', key)
  while low < high do
    local middle = math.floor((low + high) / 2)
    local found = age(key, middle)
    if found and found > window then low = middle + 1 else high = middle end
  end
  return low
end

-- Count one request if it may pass. Returns whether it may, how many more may, and the milliseconds until the oldest
-- leaves (refused: until the next may pass). A stamp has lost nearly a millisecond, so it counts for one more.
local function pass(key, limit, window)
  local oldest = age(key, 0)
  if oldest and oldest > window then
    redis.call('LTRIM', key, expired(key, window), -1)
    oldest = age(key, 0)
  end
  local used = oldest and redis.call('LLEN', key) or 0
  if used >= limit then
    -- After the limit was lowered there are more stamps than it allows, and the oldest leaving is not enough.
    return false, 0, window + 1 - (age(key, used - limit) or 0)
  end
  used = redis.call('RPUSH', key, now % SPAN)
  redis.call('PEXPIRE', key, window + 1)
  return true, limit - used, window + 1 - (oldest or 0)
end
