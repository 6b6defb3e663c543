-- Lift a block and forget its history. What stays is a line that keeps an instance which still believes in the block
-- from bringing it back. KEYS: conduct, block, blocks. ARGV: client. Returns 1 if a block ran.
redis.call('DEL', KEYS[1])
local ends = tonumber(look('ZSCORE', KEYS[3], ARGV[1]) or 0)
redis.call('ZREM', KEYS[3], ARGV[1])
redis.call('SET', KEYS[2], '0 0 lifted', 'PX', LONGEST_BLOCK)
return ends > now and 1 or 0
