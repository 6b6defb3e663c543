-- One request of a client: is it blocked, may it pass the window, and what the requests before it taught.
-- KEYS: window, conduct, block, blocks, popular (without its era).
-- ARGV: client, limit, window (ms), threshold, 1 if blocks are enforced, the key of the conduct of who behaved well
--       before or nothing, a brief that was asked or nothing, and how often.
local client, threshold = ARGV[1], tonumber(ARGV[4])
local GOOD_CONDUCT, POPULAR_HALF_LIFE, ERA_HALF_LIVES, POPULAR_KEPT = 0.5, 21600000, 30, 4000

if ARGV[6] ~= '' then
  local score, retry = conduct_of(ARGV[6])
  score = math.max(0, score - GOOD_CONDUCT)
  if score == 0 and retry <= now then redis.call('DEL', ARGV[6]) else keep_conduct(ARGV[6], score, retry) end
end

if ARGV[7] ~= '' then
  -- An asking weighs more the later it is; an era later all begin at 1 again, under another key.
  local era = POPULAR_HALF_LIFE * ERA_HALF_LIVES
  local key = KEYS[5] .. string.format('%.0f', math.floor(now / era))
  look('ZCARD', key)
  redis.call('ZINCRBY', key, ARGV[8] * 2 ^ ((now % era) / POPULAR_HALF_LIFE), ARGV[7])
  if redis.call('ZCARD', key) > POPULAR_KEPT then redis.call('ZREMRANGEBYRANK', key, 0, POPULAR_KEPT / 2 - 1) end
  redis.call('PEXPIRE', key, 2 * era)
end

if ARGV[5] == '1' and threshold > 0 then
  local ends = tonumber(look('ZSCORE', KEYS[4], client) or 0)
  if ends > now then return string.format('blocked %.0f %d', ends - now, garbage) end
end

local admitted, left, reset = pass(KEYS[1], tonumber(ARGV[2]), tonumber(ARGV[3]))
if admitted then
  return string.format('admitted %.0f %.0f %d %d', left, reset, redis.call('EXISTS', KEYS[2]), garbage)
end

local _, retry = conduct_of(KEYS[2])
local points = now < retry and 1 or 0
local told = now + math.ceil(reset / 1000) * 1000
local ends, times = charge(KEYS[2], KEYS[3], KEYS[4], client, points, 'too many requests', threshold, told)
return string.format('refused %.0f %.0f %.0f %d', reset, ends, times, garbage)
