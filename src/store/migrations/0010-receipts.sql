-- A place that is kept for receipts.
select 1;
